import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { debianBinary } from "./debian-binaries.ts";
import { freePort } from "./free-port.ts";
import { startProgram, type TestProcess } from "./process.ts";
import { until } from "./until.ts";

/** A real nats-server with JetStream, at one address over all its lives. */
export type NatsServer = {
  readonly url: string;
  start(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** While it is down: nothing is left of its streams. */
  wipe(): void;
};

/** Its data are in `folder`; `settings` are lines of a configuration file. Not started yet. */
export async function natsServer(folder: string, settings = ""): Promise<NatsServer> {
  const port = await freePort();
  const data = join(folder, "nats");
  const config = join(folder, "nats.conf");
  writeFileSync(config, settings);
  let life: TestProcess | undefined;
  return {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      const args = ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", data, "-c", config];
      const started = startProgram(debianBinary("nats-server"), args);
      life = started;
      await until(
        () => `nats-server to listen; it said: ${started.output()}`,
        () => listens(port),
      );
    },
    async kill() {
      await life?.end();
      life = undefined;
    },
    wipe: () => rmSync(data, { recursive: true, force: true }),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
