import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const root = join(import.meta.dirname, "../../../..");
const outputCharsMax = 1_000_000;

/** One of the demo's processes. */
export type DemoProcess = {
  readonly name: string;
  readonly pid: number;
  /** Standard output, kept up to a bound. */
  readonly stdout: () => string;
  /** What it complained of lately. */
  readonly stderr: () => string;
  /** Resolves with the exit code; 1 for a process that a signal ended. */
  readonly ended: Promise<number>;
  hasEnded(): boolean;
  /** Lets it finish what it does. */
  stop(): Promise<void>;
  /** SIGKILL: it learns nothing of it. */
  kill(): Promise<void>;
};

export type DemoProcessOptions = {
  readonly name: string;
  /** Named from the root of the repository. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Draws on this terminal itself. */
  readonly showsProgress?: boolean;
  /** Called with each line of standard error, where it does not draw itself. */
  readonly onLine?: (line: string) => void;
};

const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts a script of this repository as a process of its own; none outlives the demo. */
export function startProcess(options: DemoProcessOptions): DemoProcess {
  const { name, script, args, env, showsProgress, onLine } = options;
  const child = spawn(process.execPath, [join(root, script), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", showsProgress ? "inherit" : "pipe"],
  });
  living.add(child);
  const stdout = tailOf(child.stdout);
  const stderr = tailOf(child.stderr);
  if (onLine && child.stderr) createInterface({ input: child.stderr }).on("line", onLine);
  const ended = once(child, "close").then(([code]) => {
    living.delete(child);
    return typeof code === "number" ? code : 1;
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    name,
    pid: child.pid ?? 0,
    stdout,
    stderr,
    ended,
    hasEnded: () => !living.has(child),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function tailOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-outputCharsMax);
  });
  return () => text;
}
