import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FromChild, ToChild, Usage } from "./parent.ts";

/**
 * The processes that this one has started and that have not ended. None outlives it: they are killed by their
 * id when it exits in any way that it notices, and leave by themselves when it is gone without notice.
 */
const living = new Map<ChildProcess, "serving" | "ending">();

/** A process of the bench, as its parent sees it. */
export type Child<Facts> = {
  readonly name: string;
  readonly facts: Facts;
  ask<Reply>(request: unknown): Promise<Reply>;
  usage(): Promise<Usage>;
  /** The end of its standard error. */
  said(): string;
  /** Rejects when the process ends unasked. */
  readonly died: Promise<never>;
};

type ChildOptions = {
  readonly name: string;
  /** Relative to the bench's folder. */
  readonly script: string;
  readonly options?: unknown;
};

const stderrCharsMax = 4_000;

/** Starts a process and resolves when it is ready. */
export async function startChild<Facts>(options: ChildOptions): Promise<Child<Facts>> {
  const link = openLink(options);
  const request = (message: ToChild): Promise<unknown> => {
    link.child.send(message);
    return link.receive();
  };
  const facts = (await request({ kind: "start", options: options.options })) as Facts;
  return {
    name: options.name,
    facts,
    died: link.died,
    ask: async <Reply>(body: unknown) => (await request({ kind: "ask", request: body })) as Reply,
    said: link.said,
    usage: async () => (await request({ kind: "usage" })) as Usage,
  };
}

/** Kills every process that is still there. */
export function killChildren(): void {
  for (const child of living.keys()) {
    living.set(child, "ending");
    child.kill("SIGKILL");
  }
}

/** The same, and resolves when they are gone. */
export async function endChildren(): Promise<void> {
  const closed = [...living.keys()].map((child) => once(child, "close"));
  killChildren();
  await Promise.all(closed);
}

type Link = {
  readonly child: ChildProcess;
  readonly died: Promise<never>;
  said(): string;
  receive(): Promise<unknown>;
};

function openLink({ name, script }: ChildOptions): Link {
  const path = join(import.meta.dirname, "..", script);
  const child = spawn(process.execPath, [path], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  living.set(child, "serving");
  const said = tailOf(child);
  let deliver: (message: FromChild) => void = () => {};
  const died = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const isAsked = living.get(child) === "ending";
      living.delete(child);
      if (!isAsked)
        reject(new Error(`${name} (process ${child.pid}) ended with ${signal ?? code}`));
    });
  });
  died.catch(() => {});
  child.on("message", (message: FromChild) => deliver(message));
  const message = (): Promise<FromChild> =>
    new Promise((resolve) => {
      deliver = resolve;
    });
  return {
    child,
    died,
    said,
    async receive() {
      const received = await Promise.race([message(), died]);
      if (received.kind === "failed") throw new Error(`${name}: ${received.message}`);
      return received.value;
    },
  };
}

function tailOf(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-stderrCharsMax);
  });
  return () => tail.trimEnd();
}
