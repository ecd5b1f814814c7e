import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { debianBinary } from "./debian-binaries.ts";
import { freePort } from "./free-port.ts";
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

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Its data are in `folder`; `settings` are lines of a configuration file. Not started yet. */
export async function natsServer(folder: string, settings = ""): Promise<NatsServer> {
  const port = await freePort();
  const data = join(folder, "nats");
  const config = join(folder, "nats.conf");
  writeFileSync(config, settings);
  let child: ChildProcess | undefined;
  let output = "";
  const kill = async (): Promise<void> => {
    if (!child) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
    living.delete(child);
    child = undefined;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      const args = ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", data, "-c", config];
      child = spawn(debianBinary("nats-server"), args, { stdio: ["ignore", "ignore", "pipe"] });
      living.add(child);
      child.stderr?.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-10_000);
      });
      await until(
        () => `nats-server to listen; it said: ${output}`,
        () => listens(port),
      );
    },
    kill,
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
