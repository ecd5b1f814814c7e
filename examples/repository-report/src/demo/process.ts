import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../../..");
const outputCharsMax = 8_000;

/** One of the demo's processes. */
export type DemoProcess = {
  readonly name: string;
  /** Standard output, kept up to a bound. */
  stdout(): string;
  /** What it complained of lately. */
  stderr(): string;
  /** Resolves with the exit code; 1 for a process that a signal ended. */
  readonly ended: Promise<number>;
  hasEnded(): boolean;
  stop(): Promise<void>;
};

export type DemoProcessOptions = {
  readonly name: string;
  /** Named from the root of the repository. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Draws on this terminal itself. */
  readonly showsProgress?: boolean;
};

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts a script of this repository as a process of its own; none outlives the demo. */
export function startProcess({ name, script, args, env, showsProgress }: DemoProcessOptions): DemoProcess {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", showsProgress ? "inherit" : "pipe"],
  });
  living.add(child);
  const stdout = tailOf(child.stdout);
  const stderr = tailOf(child.stderr);
  const ended = once(child, "close").then(([code]) => {
    living.delete(child);
    return typeof code === "number" ? code : 1;
  });
  return {
    name,
    stdout,
    stderr,
    ended,
    hasEnded: () => !living.has(child),
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function tailOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-outputCharsMax);
  });
  return () => text;
}
