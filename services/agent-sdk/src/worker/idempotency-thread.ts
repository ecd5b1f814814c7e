import { parentPort, workerData } from "node:worker_threads";
import type { KeptBounds } from "./core/kept-successes.ts";
import { openIdempotencyFile, type SuccessRow } from "./idempotency-file.ts";

// The thread that owns the file of successes: an fsync must not hold up the agent's heartbeats.

/** What the thread is started with. */
export type ThreadData = {
  readonly file: string;
  readonly bounds: KeptBounds;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly busyMsMax: number;
};

/** Rows to write together; null: close the file and end. Each is answered with one Written but the last. */
export type ToThread = readonly SuccessRow[] | null;
/** The first message: what the file held. */
export type Opened = { readonly kept: readonly SuccessRow[] } | { readonly problem: string };
/** Empty: the rows are on disk. */
export type Written = { readonly problem: string };

const port = parentPort;
if (!port) throw new Error("this file runs as a worker thread");
const { file, bounds, ...opening } = workerData as ThreadData;

try {
  const { kept, write, close } = openIdempotencyFile(file, bounds, opening);
  port.on("message", (rows: ToThread) => {
    if (rows) return port.postMessage({ problem: problemOf(() => write(rows)) } satisfies Written);
    close();
    port.close();
  });
  port.postMessage(
    { kept } satisfies Opened,
    kept.map(({ output }) => output.buffer),
  );
} catch (error) {
  port.postMessage({ problem: messageOf(error) } satisfies Opened);
}

function problemOf(work: () => void): string {
  try {
    work();
    return "";
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
