/** What became of an execution. */
export type ExecutionObservation = {
  readonly kind: "execution";
  readonly type:
    | "started"
    | "succeeded"
    | "failed"
    | "cancelled"
    | "timed_out"
    | "paused"
    | "resumed"
    | "quarantined";
  /** UTC milliseconds of the source. */
  readonly timeMs: number;
  readonly namespace: string;
  readonly workflow: string;
  readonly executionId: string;
  /** Of the workflow, when it is started; undefined: it has none. */
  readonly timeoutMs?: number;
  readonly reason?: string;
};

/** What became of a step. */
export type StepObservation = {
  readonly kind: "step";
  readonly type:
    | "queued"
    | "started"
    | "failed_over"
    | "interrupted"
    | "attempt_failed"
    | "retry_scheduled"
    /** It waits for somebody to complete it. */
    | "waiting"
    | "succeeded"
    | "failed"
    | "skipped"
    | "cancelled";
  readonly timeMs: number;
  readonly namespace: string;
  readonly workflow: string;
  readonly executionId: string;
  readonly stepId: string;
  readonly capability?: string;
  readonly agentId?: string;
  readonly attempt?: number;
  readonly send?: number;
  /** Of the step, when it is started; undefined: it has none. */
  readonly timeoutMs?: number;
  readonly code?: string;
  readonly reason?: string;
};

/** An agent as the registry sees it now. */
export type AgentObservation = {
  readonly kind: "agent";
  readonly timeMs: number;
  readonly agentId: string;
  readonly incarnation: string;
  readonly name: string;
  readonly state: "JOINING" | "READY" | "SUSPECT" | "DRAINING" | "UNHEALTHY" | "GONE";
  readonly capabilities: readonly string[];
  readonly zone?: string;
  readonly reason?: string;
};

/** A circuit breaker as an orchestrator sees it now. */
export type BreakerObservation = {
  readonly kind: "breaker";
  readonly timeMs: number;
  readonly name: string;
  readonly of: "agent" | "step";
  readonly namespace?: string;
  readonly workflow?: string;
  readonly stepId?: string;
  readonly agentId?: string;
  readonly capability?: string;
  readonly state: "CLOSED" | "OPEN" | "HALF_OPEN";
};

/** How far the relay is behind the log of a shard. */
export type OutboxObservation = {
  readonly kind: "outbox";
  readonly timeMs: number;
  readonly shard: number;
  readonly lagEvents: number;
  readonly lagMs: number;
};

/** Whether something that the mesh needs answers. */
export type DependencyObservation = {
  readonly kind: "dependency";
  readonly timeMs: number;
  readonly name: "nats" | "database" | "orchestrator" | "registry";
  readonly reachable: boolean;
  readonly reason?: string;
};

/** A fact that rules judge. */
export type Observation =
  | ExecutionObservation
  | StepObservation
  | AgentObservation
  | BreakerObservation
  | OutboxObservation
  | DependencyObservation;

/** Where in an orchestrator's log a fact stands. What no log holds has none. */
export type LogPlace = { readonly shard: number; readonly position: number };

/** A fact, and where it stands. */
export type Placed = { readonly observation: Observation; readonly place?: LogPlace };
