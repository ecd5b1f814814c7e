import type { JsonValue } from "./json.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Template } from "./template.ts";

export type { Problem } from "./problem.ts";

/**
 * What orders the steps. `sequential`: the list does. `parallel`: nothing does. `dependency`: what they
 * depend on and refer to.
 */
export type Mode = "sequential" | "parallel" | "dependency";

/** What a failed step does to the rest. `continue`: whatever does not depend on it goes on. */
export type OnFailure = "fail" | "continue";

/**
 * What a step waits for. `all`: its dependencies have succeeded or are absent. `any`: one has succeeded.
 * `done`: all have ended, however.
 */
export type Join = "all" | "any" | "done";

/** A workflow that has passed the check. Never changes; shared by all that run it. */
export type Definition = {
  readonly name: string;
  readonly version: number;
  readonly mode: Mode;
  readonly onFailure: OnFailure;
  /** For the whole execution, from its start. Absent: no limit. */
  readonly timeoutMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly description?: string;
  /** Renders an object from the execution's input, once, at the start: what expressions read as `vars`. */
  readonly vars?: Template;
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
  /** One whole expression; false skips the step. Evaluated when its dependencies are done. */
  readonly when?: Template | undefined;
  /** Renders an object whose members lie over the workflow's `vars`, for this step. */
  readonly vars?: Template | undefined;
  /** As written; what the step really waits for is in the plan. */
  readonly dependsOn: readonly string[];
  readonly join: Join;
  /** Its failure does not fail the execution, and counts as absent where it is joined. */
  readonly optional: boolean;
  /** Never sent again once it is uncertain whether an agent has run it. */
  readonly atMostOnce: boolean;
  /** Its own, or the workflow's, or the default. */
  readonly retry: RetryPolicy;
  /** Start to close, for each attempt. */
  readonly timeoutMs: number;
  /** For an agent to take it, counted from the first try of each attempt. Absent: it waits as long as it takes. */
  readonly queueTimeoutMs?: number | undefined;
  /** Between two progress calls of its handler. Absent: the handler need not make any. */
  readonly heartbeatTimeoutMs?: number | undefined;
};

/** The timeout of a step that names none. */
export const stepTimeoutMsDefault = 10 * 60 * 1_000;
