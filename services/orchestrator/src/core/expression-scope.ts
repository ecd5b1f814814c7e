import type { Json } from "./json.ts";

/** What expressions can see of an execution. */
export type Scope = {
  readonly executionId: string;
  readonly input: Json;
  /** An object; of a step, the workflow's variables with the step's own over them. */
  readonly vars: Json;
  /** A step's output; undefined, which reads as null, when it has none. */
  readonly output: (stepId: string) => Json | undefined;
  readonly status: (stepId: string) => string;
};

/** The value of an expression, or why it has none. */
export type Evaluation =
  | { readonly ok: true; readonly json: Json }
  | { readonly ok: false; readonly message: string };
