import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FromChild, ToChild, Usage } from "./parent.ts";

/**
 * The processes that this one has started and that have not ended. None outlives it: they are killed by their
 * id when it exits in any way that it notices, and leave by themselves when it is gone without notice.
 */
const living = new Map<ChildProcess, Life>();

type Life = { readonly name: string; readonly said: () => string; isEnding: boolean };

/** A process of the bench, as its parent sees it. */
export type Child<Facts> = {
  readonly name: string;
  readonly facts: Facts;
  ask<Reply>(request: unknown): Promise<Reply>;
  usage(): Promise<Usage>;
  /** Rejects when the process ends unasked, with the end of what it said. */
  readonly died: Promise<never>;
};

type ChildOptions = {
  readonly name: string;
  /** Relative to the bench's folder. */
  readonly script: string;
  readonly options?: unknown;
  /** Of Node.js itself. */
  readonly flags?: readonly string[];
};

const stderrCharsMax = 4_000;

/** Starts a process and resolves when it is ready. */
export async function startChild<Facts>({
  name,
  script,
  options,
  flags = [],
}: ChildOptions): Promise<Child<Facts>> {
  const link = openLink(name, script, flags);
  const request = (message: ToChild): Promise<unknown> => {
    link.child.send(message);
    return link.receive();
  };
  return {
    name,
    facts: (await request({ kind: "start", options })) as Facts,
    died: link.died,
    ask: async <Reply>(body: unknown) => (await request({ kind: "ask", request: body })) as Reply,
    usage: async () => (await request({ kind: "usage" })) as Usage,
  };
}

/** Kills every process that is still there. */
export function killChildren(): void {
  for (const [child, life] of living) {
    life.isEnding = true;
    child.kill("SIGKILL");
  }
}

/** The same, and resolves when they are gone. */
export async function endChildren(): Promise<void> {
  const closed = [...living.keys()].map((child) => once(child, "close"));
  killChildren();
  await Promise.all(closed);
}

/** What the processes that are still there have said on standard error, those that have. */
export function lastWords(): readonly string[] {
  return [...living.values()].flatMap(({ name, said }) => {
    const words = said();
    return words === "" ? [] : [`${name}, the end of its standard error:\n${words}`];
  });
}

type Link = {
  readonly child: ChildProcess;
  readonly died: Promise<never>;
  receive(): Promise<unknown>;
};

function openLink(name: string, script: string, flags: readonly string[]): Link {
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, "..", script)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  const life: Life = { name, said: tailOf(child), isEnding: false };
  living.set(child, life);
  let deliver: (message: FromChild) => void = () => {};
  child.on("message", (message: FromChild) => deliver(message));
  const message = (): Promise<FromChild> =>
    new Promise((resolve) => {
      deliver = resolve;
    });
  const died = unaskedEnd(child, life);
  return {
    child,
    died,
    async receive() {
      const received = await Promise.race([message(), died]);
      if (received.kind === "failed") throw new Error(`${name}: ${received.message}`);
      return received.value;
    },
  };
}

function unaskedEnd(child: ChildProcess, { name, said }: Life): Promise<never> {
  const end = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const isAsked = living.get(child)?.isEnding;
      living.delete(child);
      if (!isAsked)
        reject(new Error(`${name} (process ${child.pid}) ended with ${signal ?? code}\n${said()}`.trimEnd()));
    });
  });
  // Whoever waits for the process hears of it; nobody may be waiting.
  end.catch(() => {});
  return end;
}

function tailOf(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-stderrCharsMax);
  });
  return () => tail.trimEnd();
}
