import type { Alert } from "./alert.ts";
import type { Delivery } from "./delivery.ts";
import type { Group } from "./group.ts";
import {
  alertsMax,
  type MemoryLimits,
  notificationsDoneMax,
  notificationsPendingMax,
  resolvedMax,
  silencesMax,
} from "./limits.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import { indexSteps } from "./remember-step.ts";
import type { Silence } from "./silence.ts";
import { Table } from "./table.ts";

/** Everything that the alert manager knows. One writer owns it; what changes is saved before it has a consequence. */
export type State = {
  readonly memory: Memory;
  readonly alerts: Table<Alert>;
  readonly groups: Table<Group>;
  readonly silences: Table<Silence>;
  readonly deliveries: Table<Delivery>;
  /** By name; they only grow. */
  readonly counters: Table<{ readonly value: number }>;
};

/** A row of a table as it is saved; without a body it is no more. */
export type SavedRow = { readonly table: string; readonly key: string; readonly body: string | undefined };

export function emptyState(limits?: MemoryLimits): State {
  return {
    memory: emptyMemory(limits),
    alerts: new Table(alertsMax + resolvedMax, "refuse"),
    groups: new Table(alertsMax, "refuse"),
    silences: new Table(silencesMax, "refuse"),
    deliveries: new Table(notificationsPendingMax + notificationsDoneMax, "forget"),
    counters: new Table(100, "refuse"),
  };
}

/** The state of these rows. A table that this release does not know is left alone. */
export function restoreState(rows: Iterable<SavedRow>, limits?: MemoryLimits): State {
  const state = emptyState(limits);
  const tables = new Map(tablesOf(state));
  for (const { table, key, body } of rows) {
    if (body !== undefined) tables.get(table)?.restore(key, JSON.parse(body) as never);
  }
  indexSteps(state.memory);
  return state;
}

/** What has changed since it was last asked, to be saved as one. */
export function takeUnsaved(state: State): readonly SavedRow[] {
  return tablesOf(state).flatMap(([table, rows]) =>
    rows.takeChanges().map(({ key, row }) => ({ table, key, body: row && JSON.stringify(row) })),
  );
}

/** The number after the last one of that name. */
export function nextNumber({ counters }: State, name: string): number {
  const value = (counters.get(name)?.value ?? 0) + 1;
  counters.put(name, { value });
  return value;
}

/** How many rows were refused or forgotten, by table. */
export function turnedAway(state: State): Readonly<Record<string, number>> {
  return Object.fromEntries(
    tablesOf(state)
      .filter(([, { turnedAway }]) => turnedAway > 0)
      .map(([name, table]) => [name, table.turnedAway]),
  );
}

function tablesOf({ memory, alerts, groups, silences, deliveries, counters }: State) {
  const { stepsOf: _, ...observed } = memory;
  return Object.entries({
    ...observed,
    alerts,
    groups,
    silences,
    deliveries,
    counters,
  }) as readonly (readonly [string, Table<object>])[];
}
