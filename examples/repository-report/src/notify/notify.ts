import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { linesOf } from "../lines.ts";

/** One line of the notifications file. */
export interface Notification {
  /** Of the step: tells a repeated notification from a new one. */
  readonly key: string;
  readonly execution: string;
  readonly summary: string;
  readonly html: string;
  readonly markdown: string;
}

const line = z.object({ key: z.string() });

/**
 * Adds a notification to a file, once per key. A step runs at least once; a line that is there already is not
 * written again, which is how an effect happens once on a sink that can be asked.
 */
export async function notify(
  path: string,
  notification: Notification,
  signal: AbortSignal,
): Promise<"added" | "already-there"> {
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, "a+");
  try {
    if (await hasKey(path, notification.key, signal)) return "already-there";
    const { size } = await handle.stat();
    const { buffer } = await handle.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) });
    // A process killed while it wrote leaves half a line: the next one starts on its own.
    const start = size === 0 || buffer.toString() === "\n" ? "" : "\n";
    await handle.appendFile(`${start}${JSON.stringify(notification)}\n`);
    await handle.sync();
    return "added";
  } finally {
    await handle.close();
  }
}

async function hasKey(path: string, key: string, signal: AbortSignal): Promise<boolean> {
  for await (const text of linesOf(path, signal)) if (keyOf(text) === key) return true;
  return false;
}

/** Null for a line that is none of ours, or half of one. */
function keyOf(text: string): string | null {
  try {
    return line.parse(JSON.parse(text)).key;
  } catch {
    return null;
  }
}
