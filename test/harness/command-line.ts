import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";

const main = join(import.meta.dirname, "../../services/cli/src/main.ts");

/** What a process has written to one of its streams. */
export type Output = {
  readonly text: () => string;
  /** Resolves when this is part of it. */
  readonly says: (part: string) => Promise<void>;
};

/** A `weft` command line in a process of its own, its streams apart. */
export type CommandLine = {
  readonly out: Output;
  readonly err: Output;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Ends it if it still runs; resolves when it is gone. */
  readonly end: () => Promise<void>;
};

export function startCommand(cwd: string, line: readonly string[]): CommandLine {
  const child = spawn(process.execPath, [main, ...line], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return {
    out: outputOf(child.stdout),
    err: outputOf(child.stderr),
    ended,
    kill: (signal) => void child.kill(signal),
    end: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Runs a `weft` command line to its end. */
export async function weft(
  cwd: string,
  ...line: readonly string[]
): Promise<{ readonly exitCode: number | NodeJS.Signals; readonly out: string; readonly err: string }> {
  const { ended, out, err } = startCommand(cwd, line);
  return { exitCode: await ended, out: out.text(), err: err.text() };
}

function outputOf(stream: Readable): Output {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text += chunk;
  });
  return {
    text: () => text,
    says: (part) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!text.includes(part)) return;
          stream.off("data", look);
          resolve();
        };
        stream.on("data", look);
        stream.once("close", () => reject(new Error(`it ended without "${part}"; it said:\n${text}`)));
        look();
      }),
  };
}
