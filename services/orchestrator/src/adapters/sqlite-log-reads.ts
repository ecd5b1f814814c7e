import type { DatabaseSync } from "node:sqlite";
import { digestOf, digestPageCharsMax } from "../app/payload-digest.ts";
import { allCells, type Cell, type Cells, eventColumns } from "./sqlite-rows.ts";
import { logKey } from "./sqlite-schema.ts";

export type LogPage = { readonly shard: number; readonly afterPosition: number; readonly limit: number };

export type LogReads = {
  readLog(page: LogPage): readonly Cells[];
  /** Digests are taken here: neither this nor the other thread ever holds more than one payload of a page. */
  readDigests(page: LogPage): readonly Cells[];
  logId(argument: null): string;
  readCursor(shard: number): number;
};

/** What is read of whole logs, and not of single executions. */
export function openLogReads(database: DatabaseSync): LogReads {
  const ofShard = database.prepare(
    `SELECT position, ${eventColumns} FROM workflow_events
     WHERE log_key > ? AND log_key < ? ORDER BY log_key LIMIT ?`,
  );
  const identity = database.prepare("SELECT log_id FROM log_identity");
  const cursor = database.prepare("SELECT position FROM relay_cursors WHERE shard = ?");
  const rangeOf = ({ shard, afterPosition, limit }: LogPage) =>
    [logKey(shard, afterPosition), logKey(shard + 1, 0), limit] as const;
  ofShard.setReturnArrays(true);
  return {
    readLog: (page) => allCells(ofShard, rangeOf(page)),
    readDigests: (page) => digested(ofShard.iterate(...rangeOf(page)) as Iterable<unknown>),
    logId: () => String(identity.get()?.["log_id"]),
    readCursor: (shard) => Number(cursor.get(shard)?.["position"] ?? 0),
  };
}

function digested(rows: Iterable<unknown>): readonly Cells[] {
  const page: Cells[] = [];
  let chars = 0;
  for (const row of rows) {
    const cells = row as Cell[];
    chars += (cells[6] as string).length;
    if (page.length > 0 && chars > digestPageCharsMax) break;
    const payload = cells[7] as string | null;
    const { bytes, sha256 } = payload === null ? { bytes: null, sha256: null } : digestOf(payload);
    page.push([...cells.slice(0, 7), bytes, sha256]);
  }
  return page;
}
