import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ExecutionQuery } from "../app/store.ts";
import { allCells, type Cell, type Cells, executionColumns } from "./sqlite-rows.ts";

/** Where a row stands in the lists of its namespace. */
export type Place = { readonly startedAtMs: number; readonly executionId: string };

/** A part of a page. With `next`, there may be more below it. */
export type ExecutionSlice = { readonly rows: readonly Cells[]; readonly next: Place | undefined };

/**
 * Filters look at rows one by one; labels have no table of their own, which each start would pay for. So a rare
 * match may lie far down. One call looks at this many rows (2 to 3 ms) and hands back where to go on, which
 * lets other reads in between.
 */
export const rowsPerSliceMax = 2_000;

const range = "(started_at_ms, execution_id) < (?, ?) AND (started_at_ms, execution_id) >= (?, ?)";
const newestFirst = "ORDER BY started_at_ms DESC, execution_id DESC";

type Statements = { readonly floor: StatementSync; readonly rows: StatementSync };

/** Lists executions, newest first, by namespace. */
export function openExecutionList(database: DatabaseSync): (query: ExecutionQuery) => ExecutionSlice {
  const all = prepareOver(database, "executions_by_start", "");
  const notSucceeded = prepareOver(database, "executions_not_succeeded", "AND status <> 'SUCCEEDED'");
  return (query) => {
    const statuses = query.statuses ?? [];
    const skipsSuccesses = statuses.length > 0 && !statuses.includes("SUCCEEDED");
    return readSlice(skipsSuccesses ? notSucceeded : all, query);
  };
}

function prepareOver(database: DatabaseSync, index: string, predicate: string): Statements {
  const from = `FROM workflow_executions INDEXED BY ${index} WHERE namespace = ? AND ${range} ${predicate}`;
  return {
    floor: database.prepare(`SELECT started_at_ms, execution_id ${from} ${newestFirst} LIMIT 1 OFFSET ?`),
    rows: database.prepare(
      `SELECT ${executionColumns} ${from}
         AND (?6 IS NULL OR workflow = ?6)
         AND (?7 IS NULL OR status IN (SELECT value FROM json_each(?7)))
         AND (?8 IS NULL OR NOT EXISTS (
           SELECT 1 FROM json_each(?8) AS wanted WHERE NOT EXISTS (
             SELECT 1 FROM json_each(labels) AS label
             WHERE label.key = wanted.key AND label.value = wanted.value)))
       ${newestFirst} LIMIT ?9`,
    ),
  };
}

function readSlice({ floor, rows }: Statements, query: ExecutionQuery): ExecutionSlice {
  const within = rangeOf(query);
  const filters = filtersOf(query);
  const isFiltered = filters.some((filter) => filter !== null);
  const lowest = isFiltered
    ? allCells(floor, [query.namespace, ...within.high, ...within.low, rowsPerSliceMax - 1])[0]
    : undefined;
  const low = lowest ?? within.low;
  const found = allCells(rows, [query.namespace, ...within.high, ...low, ...filters, query.limit]);
  return { rows: found, next: lowest && { startedAtMs: Number(lowest[0]), executionId: String(lowest[1]) } };
}

function filtersOf({ workflow, statuses, labels }: ExecutionQuery): Cell[] {
  return [
    workflow ?? null,
    statuses && statuses.length > 0 ? JSON.stringify(statuses) : null,
    labels && Object.keys(labels).length > 0 ? JSON.stringify(labels) : null,
  ];
}

/** From `low` up to, but without, `high`. No id is smaller than the empty one. */
function rangeOf({ startedAfterMs, startedBeforeMs, after }: ExecutionQuery): { high: Cells; low: Cells } {
  const before = startedBeforeMs ?? Number.MAX_SAFE_INTEGER;
  const high = after && after.startedAtMs < before ? [after.startedAtMs, after.executionId] : [before, ""];
  return { high, low: [startedAfterMs === undefined ? 0 : startedAfterMs + 1, ""] };
}
