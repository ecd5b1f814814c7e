import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Clock } from "@weft/runtime/clock";
import type { NatsConnectionConfig } from "@weft/runtime/nats-config";
import { CommandError, usageError } from "../command-error.ts";
import { loopback } from "./port.ts";
import { isAlive, processStart } from "./process-identity.ts";

/** A nats-server that belongs to a `weft dev`. */
export type DevNats = {
  readonly connection: NatsConnectionConfig;
  stop(): Promise<void>;
};

const startMsMax = 10_000;
const stopMsMax = 5_000;
const outputCharsMax = 4_000;
const ready = /Listening for client connections on \S+?:(\d+)/;

/** The program in one of the folders of a PATH. Throws a `CommandError` that says how to get it. */
export function findNatsServer(path: string): string {
  for (const folder of path.split(delimiter).filter((each) => each !== "")) {
    const file = join(folder, "nats-server");
    if (isExecutable(file)) return file;
  }
  throw usageError(
    "there is no nats-server on the PATH",
    "install it: https://github.com/nats-io/nats-server/releases, apt-get install nats-server, or brew install nats-server",
    "or name one that runs: WEFT_NATS_URL=nats://127.0.0.1:4222 weft dev --nats",
    "or go without: events then stay in this process",
  );
}

/**
 * Starts a nats-server of its own, on a free port of loopback and guarded by a token, with its streams in `folder`;
 * one that a former process has left there is ended first.
 */
export async function startNatsServer(program: string, folder: string, clock: Clock): Promise<DevNats> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pidFile = join(folder, "nats.pid");
  endLeftOver(pidFile);
  const token = randomBytes(24).toString("base64url");
  const config = join(folder, "nats.conf");
  writeFileSync(config, `authorization { token: "${token}" }\n`, { mode: 0o600 });
  // In a group of its own: Ctrl-C is for `weft dev`, which ends it last.
  const child = spawn(program, ["-a", loopback, "-p", "-1", "-js", "-sd", folder, "-c", config], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const ended = once(child, "close").catch(() => undefined);
  const port = await portOf(child, clock);
  writeFileSync(pidFile, JSON.stringify({ pid: child.pid, processStart: processStart(child.pid ?? 0) }));
  return {
    connection: { servers: [`nats://${loopback}:${port}`], name: "weft dev", token },
    async stop() {
      const cancel = clock.after(stopMsMax, () => child.kill("SIGKILL"));
      child.kill("SIGTERM");
      await ended;
      cancel();
      rmSync(pidFile, { force: true });
    },
  };
}

/** Rejects, and ends it, when it does not come to listen. */
function portOf(child: ChildProcess, clock: Clock): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string): void => {
      cancel();
      child.kill("SIGKILL");
      reject(new CommandError(`nats-server ${why}`, output.trim().split("\n").slice(-3)));
    };
    const cancel = clock.after(startMsMax, () => fail("does not come to listen"));
    child.on("error", (error) => fail(`can't be started: ${error.message}`));
    child.on("exit", (code, signal) => fail(`has ended with ${code ?? signal}`));
    child.stderr?.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-outputCharsMax);
      const [, port] = ready.exec(output) ?? [];
      if (port === undefined) return;
      cancel();
      resolve(port);
    });
  });
}

/** Of a `weft dev` that was killed: two servers on the same streams would spoil them. */
function endLeftOver(pidFile: string): void {
  try {
    const left = JSON.parse(readFileSync(pidFile, "utf8")) as Record<string, unknown>;
    const { pid, processStart: start } = left;
    if (typeof pid !== "number" || !isAlive(pid)) return;
    // Another process may have the number by now.
    if (typeof start === "string" && processStart(pid) === start) process.kill(pid, "SIGKILL");
  } catch {
    // None was left.
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
