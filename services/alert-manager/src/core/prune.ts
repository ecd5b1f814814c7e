import { goneAgentMs, keptMs, notificationsDoneMax, resolvedMax } from "./limits.ts";
import { isOver } from "./series.ts";
import type { State } from "./state.ts";
import type { Table } from "./table.ts";

/** Drops what matters no more: old alerts, notifications and silences, and what was not heard of for long. */
export function prune({ memory, alerts, silences, deliveries }: State, nowMs: number): void {
  dropOld(alerts, (alert) => (alert.state === "resolved" ? alert.endsAtMs : undefined), nowMs, resolvedMax);
  dropOld(deliveries, ({ endedAtMs }) => endedAtMs, nowMs, notificationsDoneMax);
  dropWhere(silences, ({ untilMs }) => untilMs < nowMs - keptMs);
  dropWhere(memory.series, (series) => isOver(series, nowMs));
  dropWhere(memory.recent, ({ mishaps }) => (mishaps.at(-1)?.atMs ?? 0) < nowMs - keptMs);
  dropWhere(memory.agents, ({ state, heardAtMs }) => state === "GONE" && heardAtMs < nowMs - goneAgentMs);
}

/** Of the rows that have ended, keeps the latest. */
function dropOld<Row extends object>(
  table: Table<Row>,
  endOf: (row: Row) => number | undefined,
  nowMs: number,
  rowsMax: number,
): void {
  const ended = [...table.entries()].flatMap(([key, row]) => {
    const endedAtMs = endOf(row);
    return endedAtMs === undefined ? [] : [{ key, endedAtMs }];
  });
  ended.sort((left, right) => right.endedAtMs - left.endedAtMs);
  for (const [place, { key, endedAtMs }] of ended.entries()) {
    if (place >= rowsMax || endedAtMs < nowMs - keptMs) table.drop(key);
  }
}

function dropWhere<Row extends object>(table: Table<Row>, isDone: (row: Row) => boolean): void {
  const done = [...table.entries()].filter(([, row]) => isDone(row)).map(([key]) => key);
  for (const key of done) table.drop(key);
}
