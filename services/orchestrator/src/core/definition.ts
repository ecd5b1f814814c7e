import type { JsonValue } from "./json.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Template } from "./template.ts";

export type { Problem } from "./problem.ts";

/**
 * What orders the steps. `sequential`: the list does. `parallel`: nothing does. `dependency`: what they
 * depend on and refer to.
 */
export type Mode = "sequential" | "parallel" | "dependency";

/** A workflow that has passed the check. Never changes; shared by all that run it. */
export type Definition = {
  readonly name: string;
  readonly version: number;
  readonly mode: Mode;
  /** For the whole execution, from its start. Absent: no limit. */
  readonly timeoutMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly steps: readonly Step[];
  /** Renders the execution's result. Absent: the map of step outputs by id. */
  readonly output?: Template;
  /** As its author wrote it: what is stored, shown and compared (`canonicalText`). */
  readonly tree: JsonValue;
};

/** One call of an agent. Has all its keys, so that every step has the same shape. */
export type Step = {
  readonly id: string;
  readonly capability: string;
  readonly description?: string | undefined;
  /** Renders the step's input. Absent: the execution's input. */
  readonly with?: Template | undefined;
  /** As written; what the step really waits for is in the plan. */
  readonly dependsOn: readonly string[];
  /** Its own, or the workflow's, or the default. */
  readonly retry: RetryPolicy;
  /** Start to close, for each attempt. */
  readonly timeoutMs: number;
};

/** The timeout of a step that names none. */
export const stepTimeoutMsDefault = 10 * 60 * 1_000;
