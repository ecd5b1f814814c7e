import { hasEnded } from "../core/execution.ts";
import { encodeSnapshot, isSnapshotDue, snapshotVersion } from "../core/snapshot.ts";
import type { Live } from "./live.ts";
import type { SnapshotRow } from "./store.ts";

/** A snapshot to go with the commit that brings the log to where the execution is now. */
export function takeSnapshotWhenDue(live: Live, everyEvents: number): SnapshotRow | undefined {
  const { execution } = live;
  const { id: executionId, sequence } = execution;
  if (!isSnapshotDue(execution, sequence - live.snapshotSequence, everyEvents) || hasEnded(execution))
    return undefined;
  live.snapshotSequence = sequence;
  return { executionId, sequence, schemaVersion: snapshotVersion, body: encodeSnapshot(execution) };
}
