import { join, resolve } from "node:path";
import { parseAddress } from "@weft/runtime/config-reader";
import type { NatsConnectionConfig } from "@weft/runtime/nats-config";
import { command } from "../arguments/command.ts";
import { flag, integer, text } from "../arguments/option.ts";
import { CommandError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { consoleLogger } from "../dev/console-logger.ts";
import { type DataFolder, holdDataFolder } from "../dev/data-folder.ts";
import { type DevNats, findNatsServer, startNatsServer } from "../dev/nats-server.ts";
import { mustBeFree, type PortChoice } from "../dev/port.ts";
import type { DevMesh } from "../dev.ts";
import { devFilePath } from "../dev-file.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { devLines } from "../render/dev-lines.ts";
import { lineOf } from "../render/line.ts";
import { writeLines, writeText } from "../terminal/screen.ts";

const ports = { min: 0, max: 65_535 };

/** `weft dev`: all of Weft on this machine, for development. */
export const devCommand = command({
  name: "dev",
  group: "Development:",
  summary: "Run every service of Weft here",
  details: `Listens on loopback only, guarded by a token. Ports, token, workflows and executions are kept in the data
folder: after a restart, or a crash, everything goes on where it was. Agents and other weft commands
find it by the folder's dev.json, from the working directory upwards. Ctrl-C stops it.`,
  arguments: {},
  options: {
    data: text("folder", "the data folder (WEFT_DIR; .weft)"),
    nats: flag("send events over NATS: WEFT_NATS_URL, or a nats-server from the PATH"),
    memory: flag("keep workflows and executions in memory only"),
    port: integer("number", "the orchestrator's port, kept; 0: any that is free", ports),
    registryPort: integer("number", "the registry's port, kept; 0: any that is free", ports),
    alertsPort: integer("number", "the alert manager's port, kept; 0: any that is free", ports),
    alertRules: text("file", "rules and receivers of alerts; without it, the log is told"),
  },
  examples: [
    ["weft dev", "in the folder of your project"],
    ["weft dev --port 7400 --registry-port 7401", "with ports of your choice"],
    ["weft dev --memory --data /tmp/try", "to try something and leave nothing"],
    ["weft dev --nats", "with events for other programs to read"],
  ],
  async run({ options }, context) {
    const { data, nats, memory, port, registryPort, alertsPort, alertRules } = options;
    const shown = data ?? context.config.folder;
    const folder = holdDataFolder(resolve(context.directory, shown));
    const { createDevMesh } = await import("../dev.ts");
    const failed = Promise.withResolvers<Error>();
    let server: DevNats | undefined;
    try {
      if (nats && !context.config.nats) server = await ownNats(folder, context);
      const connection = nats ? (context.config.nats ?? server?.connection) : undefined;
      const mesh = createDevMesh({
        folder,
        orchestratorPort: await portOf(folder, "orchestrator", port),
        registryPort: await portOf(folder, "registry", registryPort),
        alertsPort: await portOf(folder, "alerts", alertsPort),
        alertRules: alertRules && resolve(context.directory, alertRules),
        environment: context.config.environment,
        inMemory: memory,
        nats: connection,
        tracing: context.config.tracing,
        loggerOf: (service) =>
          consoleLogger(service, { screen: context.err, clock: context.clock, verbose: context.verbose }),
        onFatal: failed.resolve,
      });
      return await serve(mesh, context, { shown, folder, memory, nats: connection }, failed.promise);
    } finally {
      await server?.stop();
      folder.release();
    }
  },
});

type Shown = {
  readonly shown: string;
  readonly folder: DataFolder;
  readonly memory: boolean;
  readonly nats: NatsConnectionConfig | undefined;
};

function ownNats({ path }: DataFolder, { config, clock }: Context): Promise<DevNats> {
  return startNatsServer(findNatsServer(config.path), join(path, "nats"), clock);
}

async function serve(
  mesh: DevMesh,
  { interrupts, out, err, form }: Context,
  { shown, folder, memory, nats }: Shown,
  failed: Promise<Error>,
): Promise<ExitCode> {
  const stopped = Promise.withResolvers<undefined>();
  const release = interrupts.listen((count) => {
    // The second one is for a stop that takes too long.
    if (count > 1) process.exit(exitCodes.other);
    writeLines(err, [lineOf("stopping; Ctrl-C again ends it at once", "dim")]);
    stopped.resolve(undefined);
  });
  try {
    const addresses = await mesh.start();
    if (form === "json")
      writeText(
        out,
        JSON.stringify({
          ...addresses,
          data: folder.path,
          devFile: devFilePath(folder.path),
          nats: nats?.servers[0],
        }),
      );
    else
      writeLines(out, devLines({ ...addresses, data: memory ? "in memory" : shown, nats: nats?.servers[0] }));
    const error = await Promise.race([stopped.promise, failed]);
    if (error) throw new CommandError(error.message, ["start it again: what was durable is still there"]);
    return exitCodes.succeeded;
  } finally {
    await mesh.stop();
    release();
  }
}

async function portOf(
  { kept, path }: DataFolder,
  service: PortChoice["service"],
  given: number | undefined,
): Promise<number> {
  const option = service === "orchestrator" ? "--port" : `--${service}-port`;
  const keptPort = parseAddress(kept[service] ?? "")?.port ?? 0;
  const choice =
    given === undefined
      ? { service, option, port: keptPort, origin: `kept in ${devFilePath(path)}` }
      : { service, option, port: given, origin: option };
  await mustBeFree(choice);
  return choice.port;
}
