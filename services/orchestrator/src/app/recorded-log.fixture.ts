import { StepClock } from "@weft/runtime/step-clock";
import { GroupCommit } from "./group-commit.ts";
import type { Entry } from "./log-entry.ts";
import type { ExecutionRow, Store, StoredEvent } from "./store.ts";

export const shard = 3;

/** A log, and all that it says, in order: "e#1@7" for a release, "e#1 QUARANTINED", "blocked" … */
export class RecordedLog {
  readonly clock = new StepClock();
  readonly heard: string[] = [];
  readonly log: GroupCommit;

  constructor(store: Store, ownership: { readonly epoch: number; readonly position: number }) {
    const say = (line: string): void => void this.heard.push(line);
    this.log = new GroupCommit(
      { store, shard, ownership, clock: this.clock },
      {
        onCommitted: () => {},
        onQuarantined: (executionId, reason) => say(`quarantined ${executionId}: ${reason}`),
        onBlocked: (isBlocked, message) => say(`${isBlocked ? "blocked" : "unblocked"}: ${message}`),
        onUnknown: (message) => say(`unknown: ${message}`),
        onFatal: (reason, message) => say(`fatal ${reason}: ${message}`),
      },
    );
  }

  /** An entry with so many events of the execution, from its `sequence` on. */
  append(executionId: string, sequence: number, parts: Partial<Entry> & { count?: number } = {}): void {
    const { count = 1, ...rest } = parts;
    const events = Array.from({ length: count }, (_, index) => ({
      sequence: sequence + index,
      timeMs: 7,
      event: { kind: "step.cancelled", step: "a" } as const,
    }));
    const name = `${executionId}#${sequence}`;
    this.log.append({
      executionId,
      events,
      ...this.outcomes(name, (position) => `${name}@${position}`),
      ...rest,
    });
  }

  barrier(name: string, executionId?: string): void {
    const { release, abandoned } = this.outcomes(name, () => name);
    this.log.barrier(() => release(0), { ...(executionId !== undefined && { executionId }), abandoned });
  }

  outcomes(name: string, released: (position: number) => string) {
    return {
      release: (position: number) => void this.heard.push(released(position)),
      abandoned: (why: string) => void this.heard.push(`${name} ${why}`),
    };
  }
}

export async function openRecordedLog(store: Store): Promise<RecordedLog> {
  return new RecordedLog(store, await store.takeOwnership(shard));
}

export function startOf(executionId: string): ExecutionRow {
  return {
    executionId,
    shard,
    namespace: "default",
    workflow: "w",
    version: 1,
    status: "RUNNING",
    labels: {},
    createdBy: "ada",
    requestId: null,
    requestDigest: null,
    startedAtMs: 7,
    endedAtMs: null,
    wakeAtMs: null,
  };
}

/** Events as lines such as "3:e#1": position, execution and sequence. */
export function placesOf(events: readonly StoredEvent[]): readonly string[] {
  return events.map(({ position, executionId, sequence }) => `${position}:${executionId}#${sequence}`);
}

/** The whole log of the shard, in the same way. */
export async function placesIn(store: Store): Promise<readonly string[]> {
  return placesOf(await store.readLog(shard, 0, 1_000_000));
}
