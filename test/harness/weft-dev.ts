import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { type Channel, type Client, createChannel } from "@weft/runtime/grpc";
import { startProcess, type TestProcess } from "./process.ts";
import { until } from "./until.ts";

/** What `weft dev` writes for those who look for it. */
export type DevFile = {
  readonly orchestrator: string;
  readonly registry: string;
  readonly token: string;
  readonly pid: number;
};

/** A `weft dev` in a process of its own, and clients for it. */
export type WeftDev = {
  readonly process: TestProcess;
  readonly file: DevFile;
  readonly orchestrator: Client<typeof OrchestratorService>;
  readonly registry: Client<typeof RegistryService>;
  /** Ends the process if it runs, and the connections. */
  close(): Promise<void>;
};

/** Starts `weft dev` on the data folder `.weft` in `cwd`; resolves when it answers. */
export async function startWeftDev(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<WeftDev> {
  const process = startProcess("services/cli/src/main.ts", ["dev", ...args], { cwd, env });
  const file = await until(
    () => `weft dev to serve; it said: ${process.output()}`,
    () => readDevFile(cwd, process.pid),
  );
  const channels = [connect(file.orchestrator, file.token), connect(file.registry, file.token)] as const;
  const orchestrator = channels[0].client(OrchestratorService);
  await until("the orchestrator to answer", () =>
    orchestrator.listWorkflows({}).then(
      () => true,
      () => false,
    ),
  );
  return {
    process,
    file,
    orchestrator,
    registry: channels[1].client(RegistryService),
    async close() {
      for (const channel of channels) channel.close();
      await process.end();
    },
  };
}

function connect(address: string, token: string): Channel {
  return createChannel({ address, token });
}

/** Undefined until this very process has written it. */
function readDevFile(cwd: string, pid: number): DevFile | undefined {
  try {
    const file = JSON.parse(readFileSync(join(cwd, ".weft/dev.json"), "utf8")) as DevFile;
    return file.pid === pid && file.orchestrator ? file : undefined;
  } catch {
    return undefined;
  }
}
