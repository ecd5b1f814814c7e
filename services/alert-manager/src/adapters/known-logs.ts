import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KnownLogs } from "./event-feed-logs.ts";

/** Which logs the positions in a data folder are of, in a file of that folder; without a folder, in memory. */
export function openKnownLogs(folder: string | undefined): KnownLogs {
  const file = folder === undefined ? undefined : join(folder, "event-logs.json");
  const logs = new Map(file === undefined ? [] : read(file));
  return {
    get: (shard) => logs.get(shard),
    async set(shard, logId) {
      logs.set(shard, logId);
      if (file === undefined) return;
      const next = `${file}.next`;
      await writeFile(next, JSON.stringify(Object.fromEntries(logs)));
      await rename(next, file);
    },
  };
}

function read(file: string): readonly (readonly [number, string])[] {
  try {
    const logs = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, string>>;
    return Object.entries(logs).map(([shard, logId]) => [Number(shard), logId]);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Error(`${file} can't be read: remove it, and positions are taken to be of the log there is`, {
      cause: error,
    });
  }
}
