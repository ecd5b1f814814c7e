import type { StepContext } from "./context.ts";
import type { Later } from "./later.ts";
import type { InputOf, OutputOf, Schema } from "./schema.ts";

/**
 * Something an agent can do: its schemas and its handler.
 *
 * `input` and `output` are any Standard Schema (zod, valibot, arktype …), synchronous or not. An input that
 * does not fit fails the step as INVALID_ARGUMENT, an output as INTERNAL with the reason OUTPUT_INVALID;
 * neither is tried again. What is sent is the output as its schema yields it, as JSON of at most 1 MiB.
 */
export type Capability<I extends Schema = Schema, O extends Schema = Schema> = {
  readonly input: I;
  readonly output: O;
  /**
   * Runs one step. Called at least once per step: see {@link StepContext.idempotencyKey}. Returns the output, or
   * `later()` when the step will be completed from elsewhere.
   */
  run(input: OutputOf<I>, context: StepContext): InputOf<O> | Later | Promise<InputOf<O> | Later>;
  /** How many of the agent's slots it may take at once. Default: all. */
  readonly maxConcurrency?: number | undefined;
  /** Of the capability, shown to operators. Default: the agent's. */
  readonly version?: string | undefined;
};

/** Capabilities by name, as in "code.review": lower-case letters, digits, "-" and ".", 63 at most. */
export type Capabilities = Readonly<Record<string, Capability>>;

/**
 * Types a capability from its schemas: what `run` takes is what `input` yields, what it returns is what
 * `output` accepts.
 *
 * @example
 * ```ts
 * const review = capability({
 *   input: z.object({ repo: z.string(), commit: z.string() }),
 *   output: z.object({ findings: z.array(z.string()) }),
 *   maxConcurrency: 2,
 *   async run({ repo, commit }, { signal, progress }) {
 *     const diff = await readDiff(repo, commit, { signal });
 *     if (diff.length === 0) throw new StepFailure("FAILED_PRECONDITION", `${commit} changes nothing`);
 *     progress(0.5, "diff read");
 *     return { findings: findProblems(diff) };
 *   },
 * });
 * ```
 */
export function capability<I extends Schema, O extends Schema>(
  definition: Capability<I, O>,
): Capability<I, O> {
  return definition;
}
