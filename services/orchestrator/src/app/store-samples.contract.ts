import { expect } from "vitest";
import { executionId } from "../core/execution-id.ts";
import type {
  Batch,
  CommitOutcome,
  ExecutionChange,
  ExecutionEnd,
  ExecutionRow,
  RefusalReason,
  SnapshotRow,
  Store,
  StoredEvent,
  WorkflowRow,
} from "./store.ts";

// What the contract of the store writes: rows that need no thought, each with what its test is about.

export const startOfTime = 1_750_000_000_000;

/** The id of the `number`-th execution, started that many milliseconds in. */
export function idOf(number: number, shard = 0): string {
  return executionId(shard, startOfTime + number, "0123456789abcdef");
}

/** The `number`-th execution; one with an end is given as a start with one. */
export function sampleExecution(number: number, parts: Partial<ExecutionRow> = {}): ExecutionRow {
  return {
    executionId: idOf(number, parts.shard),
    shard: 0,
    namespace: "default",
    workflow: "release",
    version: 1,
    status: "RUNNING",
    labels: {},
    createdBy: "ada",
    requestId: null,
    requestDigest: null,
    startedAtMs: startOfTime + number,
    endedAtMs: null,
    wakeAtMs: null,
    ...parts,
  };
}

/** The execution is asleep until `wakeAtMs`. */
export function sampleChange(number: number, parts: Partial<ExecutionChange> = {}): ExecutionChange {
  return { executionId: idOf(number), status: "RUNNING", wakeAtMs: startOfTime + number, ...parts };
}

export function sampleSnapshot(number: number, sequence: number): SnapshotRow {
  const body = JSON.stringify({ sequence, text: "ö😀" });
  return { executionId: idOf(number), sequence, schemaVersion: 1, body };
}

export function sampleEnd(number: number, parts: Partial<ExecutionEnd> = {}): ExecutionEnd {
  return {
    executionId: idOf(number),
    status: "SUCCEEDED",
    endedAtMs: startOfTime + number + 500,
    ...parts,
  };
}

/** An event without its position, which the log gives it. */
export type EventSample = Omit<StoredEvent, "position">;

export function sampleEvent(number: number, sequence: number, parts: Partial<EventSample> = {}): EventSample {
  return {
    executionId: idOf(number),
    sequence,
    timeMs: startOfTime + sequence,
    kind: "step.succeeded",
    schemaVersion: 1,
    body: JSON.stringify({ step: "build", attempt: 1, send: sequence }),
    payload: JSON.stringify({ sequence }),
    ...parts,
  };
}

export function sampleWorkflow(name: string, version: number, parts: Partial<WorkflowRow> = {}): WorkflowRow {
  return {
    namespace: "default",
    name,
    version,
    definition: JSON.stringify({ name, version, steps: [] }),
    createdBy: "ada",
    createdAtMs: startOfTime,
    ...parts,
  };
}

export type BatchSample = {
  readonly [rows in Exclude<keyof Batch, "shard" | "epoch" | "events">]?: Batch[rows];
} & { readonly events?: readonly EventSample[] };

export function emptyBatch(shard: number, epoch: number): Batch {
  return { shard, epoch, events: [], started: [], changed: [], ended: [], snapshots: [] };
}

/** The owner of a shard, who knows which position comes next. */
export type SampleLog = {
  readonly epoch: number;
  /** The batch at the next positions, which are taken with that. */
  place(batch: BatchSample): Batch;
  /** Places and commits; the positions of a refused batch are free again. */
  commit(batch: BatchSample): Promise<CommitOutcome>;
};

export async function ownShard(store: Store, shard = 0): Promise<SampleLog> {
  const { epoch, position } = await store.takeOwnership(shard);
  let last = position;
  const place = ({ events = [], ...rows }: BatchSample): Batch => ({
    ...emptyBatch(shard, epoch),
    events: events.map((event) => ({ position: ++last, ...event })),
    ...rows,
  });
  return {
    epoch,
    place,
    async commit(batch) {
      const before = last;
      const outcome = await store.commit(place(batch));
      if (outcome.kind !== "committed") last = before;
      return outcome;
    },
  };
}

export function committed(rows: number): CommitOutcome {
  return { kind: "committed", rows };
}

/** As `toEqual` takes it: whatever the message is, there is one. */
export function refused(reason: RefusalReason) {
  return { kind: "refused", reason, message: expect.stringMatching(/./) };
}

/** The first `count` numbers, from 1. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
