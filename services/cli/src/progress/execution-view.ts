/** Times are the orchestrator's, in milliseconds since the epoch. */
export type StepState =
  | { readonly status: "pending" }
  /** Due, and no agent has taken it. */
  | { readonly status: "queued"; readonly sinceMs: number }
  | {
      readonly status: "running";
      readonly agentId: string;
      readonly progress?: StepProgress;
    }
  | { readonly status: "retrying"; readonly dueMs: number; readonly failure?: string }
  /** Its handler has answered "later": somebody has to complete it. */
  | { readonly status: "waiting"; readonly agentId: string }
  | { readonly status: "succeeded"; readonly endedMs: number; readonly agentId: string }
  | { readonly status: "failed"; readonly endedMs: number; readonly failure: string }
  | { readonly status: "skipped"; readonly cause: string }
  | { readonly status: "cancelled"; readonly endedMs: number };

export type StepProgress = { readonly fraction: number; readonly message: string };

export type StepView = {
  readonly id: string;
  readonly capability: string;
  /** Absent where nobody knows. */
  readonly dependencies?: readonly string[];
  /** The current or next attempt, from 1; 0 before the first. */
  readonly attempt: number;
  /** Of the first attempt. */
  readonly startedMs?: number;
  /** It had been given up and succeeded all the same. */
  readonly succeededLate?: boolean;
  readonly state: StepState;
};

export type ExecutionState =
  | { readonly status: "running" }
  | { readonly status: "paused"; readonly reason: string }
  | { readonly status: "cancelling"; readonly reason: string }
  | { readonly status: "succeeded" }
  | { readonly status: "failed"; readonly failure: string }
  | { readonly status: "cancelled"; readonly reason: string };

/** What can be seen of an execution. Owned by whoever follows it: `applyEvent` changes it in place. */
export type ExecutionView = {
  readonly executionId: string;
  /** Empty until it is known. */
  workflow: string;
  version: number;
  state: ExecutionState;
  startedMs?: number;
  endedMs?: number;
  /** By id, in the definition's order. */
  readonly steps: Map<string, StepView>;
};

export function hasEnded({ state }: Pick<ExecutionView, "state">): boolean {
  return state.status === "succeeded" || state.status === "failed" || state.status === "cancelled";
}
