import { defaultMemoryLimits, type MemoryLimits } from "./limits.ts";
import type { AgentObservation } from "./observation.ts";
import type { Series } from "./series.ts";
import { Table } from "./table.ts";

/** An execution that has not ended. */
export type OpenExecution = {
  readonly shard: number;
  readonly namespace: string;
  readonly workflow: string;
  /** Moves with each pause. */
  readonly startedAtMs: number;
  readonly timeoutMs?: number;
  readonly pausedAtMs?: number;
};

/** A step that was queued or sent and has not ended. */
export type OpenStep = {
  readonly namespace: string;
  readonly workflow: string;
  readonly executionId: string;
  readonly stepId: string;
  readonly capability: string;
  /** `between`: an attempt is over, and the next is not due yet. `waiting`: somebody else completes it. */
  readonly status: "queued" | "running" | "between" | "waiting";
  /** Of the status. Moves with each pause. */
  readonly sinceMs: number;
  readonly timeoutMs?: number;
};

/** Mishaps of one subject, the latest last: what is told for a while though it is over. */
export type Recent = {
  readonly mishaps: readonly { readonly id: string; readonly atMs: number; readonly reason: string }[];
};

export type KnownAgent = {
  readonly name: string;
  readonly incarnation: string;
  readonly state: AgentObservation["state"];
  readonly capabilities: readonly string[];
  readonly zone: string;
  readonly reason: string;
  readonly isDraining: boolean;
  /** Since when it is gone or suspect and nobody had asked it to go. */
  readonly lostAtMs?: number;
  /** When it left READY or began anew; the latest last. */
  readonly changedAtMs: readonly number[];
  readonly heardAtMs: number;
};

/** A breaker that is not closed. */
export type OpenBreaker = {
  /** As the alert has them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly of: "agent" | "step";
  readonly state: "OPEN" | "HALF_OPEN";
  readonly sinceMs: number;
};

export type Lag = { readonly lagMs: number; readonly lagEvents: number; readonly atMs: number };

export type Dependency = { readonly reachable: boolean; readonly sinceMs: number; readonly reason: string };

/** How far a shard's log is taken in. */
export type LogPosition = {
  readonly position: number;
  /** The time of the newest fact. */
  readonly factMs: number;
};

/** All that rules look at: what was observed, kept so far as it matters. One writer owns it. */
export type Memory = {
  readonly positions: Table<LogPosition>;
  readonly executions: Table<OpenExecution>;
  readonly steps: Table<OpenStep>;
  /** By `errors/workflow/…`, `sends/capability/…` and the like. */
  readonly series: Table<Series>;
  /** By `timed_out/…` and the like. */
  readonly recent: Table<Recent>;
  readonly agents: Table<KnownAgent>;
  readonly breakers: Table<OpenBreaker>;
  readonly outbox: Table<Lag>;
  readonly dependencies: Table<Dependency>;
  /** Keys of the steps of each execution: found in `steps`, so not saved. */
  readonly stepsOf: Map<string, Set<string>>;
};

export function emptyMemory(limits: MemoryLimits = defaultMemoryLimits): Memory {
  const { executionsMax, stepsMax, seriesMax, subjectsMax } = limits;
  return {
    positions: new Table(subjectsMax, "refuse"),
    executions: new Table(executionsMax, "refuse"),
    steps: new Table(stepsMax, "refuse"),
    series: new Table(seriesMax, "forget"),
    recent: new Table(subjectsMax, "forget"),
    agents: new Table(subjectsMax, "forget"),
    breakers: new Table(subjectsMax, "forget"),
    outbox: new Table(subjectsMax, "forget"),
    dependencies: new Table(subjectsMax, "forget"),
    stepsOf: new Map(),
  };
}
