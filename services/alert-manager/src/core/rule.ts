import type { Labels, Severity } from "./alert.ts";
import type { Matchers } from "./matcher.ts";

/** What a rule looks at. Each kind has the labels and annotations that `signal-terms.ts` lists. */
export type Signal =
  /** Executions that are open past a part of their timeout; from 1 on, those that timed out lately as well. */
  | { readonly kind: "execution_sla"; readonly at: number; readonly withinMs: number }
  /** The same of running steps. */
  | { readonly kind: "step_sla"; readonly at: number; readonly withinMs: number }
  /** Failures spend the error budget `factor` times as fast as the objective allows, in both windows. */
  | {
      readonly kind: "error_burn";
      readonly by: "workflow" | "capability";
      /** Such as 0.99: one in a hundred may fail. */
      readonly objective: number;
      readonly factor: number;
      readonly longMs: number;
      readonly shortMs: number;
      /** Ends in the long window, below which nothing is said. */
      readonly countMin: number;
    }
  /** Steps that run and of which nothing was heard for so long. */
  | { readonly kind: "step_stuck"; readonly noProgressForMs: number }
  /** So many sends again, and so large a part of all sends. */
  | {
      readonly kind: "retry_storm";
      readonly by: "workflow" | "capability";
      readonly withinMs: number;
      readonly countMin: number;
      readonly ratio: number;
    }
  /** The step that waits longest for an agent. */
  | { readonly kind: "queue_age"; readonly overMs: number }
  /** Steps wait, and no agent that could take them is known to be there. */
  | { readonly kind: "no_capacity"; readonly overMs: number }
  | { readonly kind: "breaker_open"; readonly of: "agent" | "step" | "any" }
  /** Gone without a word, and not back since. */
  | { readonly kind: "agent_lost"; readonly withinMs: number }
  /** It left the state READY, or began anew, so many times. */
  | { readonly kind: "agent_flapping"; readonly changes: number; readonly withinMs: number }
  | { readonly kind: "outbox_lag"; readonly overMs: number; readonly overEvents: number }
  | { readonly kind: "dependency_unreachable" }
  | { readonly kind: "execution_quarantined"; readonly withinMs: number };

export type SignalKind = Signal["kind"];

export type Rule = {
  readonly name: string;
  readonly signal: Signal;
  /** Over the signal's labels. */
  readonly match: Matchers;
  readonly severity: Severity;
  /** How long the condition must hold before it fires. */
  readonly forMs: number;
  /** How long it goes on firing after the condition has ceased. */
  readonly keepFiringForMs: number;
  /** `${name}` stands for a label or an annotation. */
  readonly summary: string;
  /** Where it says what to do. */
  readonly runbook: string | undefined;
  /** Added to the signal's. */
  readonly labels: Labels;
  /** The labels that alerts of one notification share; `rule` is one too. */
  readonly groupBy: readonly string[];
  readonly escalation: string;
  readonly isEnabled: boolean;
};

/** Who is told, and who next when nobody acknowledges. */
export type Stage = {
  /** After the stage before it; of the first, after the group began to fire. */
  readonly afterMs: number;
  readonly receivers: readonly string[];
  /** From this stage on, notifications are at least so severe. */
  readonly severity: Severity | undefined;
};

export type Escalation = {
  readonly name: string;
  readonly stages: readonly Stage[];
  /** All stages again, so long after the last one. */
  readonly repeat: { readonly everyMs: number; readonly times: number } | undefined;
};

/** While an alert that matches `source` fires, those that match `target` and share the labels `equal` are muted. */
export type Inhibition = {
  readonly source: Matchers;
  readonly target: Matchers;
  readonly equal: readonly string[];
};

/** When an alert counts as flapping, and how quiet it must then be to resolve. */
export type Flapping = {
  readonly fires: number;
  readonly withinMs: number;
  readonly holdMs: number;
};

export type Grouping = {
  /** From the first alert of a group to its first notification: what fires together is told together. */
  readonly waitMs: number;
  /** Between notifications that only tell that a group has changed. */
  readonly intervalMs: number;
};

/** A whole file of rules. */
export type RuleSet = {
  readonly rules: readonly Rule[];
  readonly escalations: ReadonlyMap<string, Escalation>;
  readonly inhibitions: readonly Inhibition[];
  readonly flapping: Flapping;
  readonly grouping: Grouping;
};
