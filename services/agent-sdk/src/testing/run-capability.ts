import type { AgentDefinition } from "../agent.ts";
import type { Capabilities } from "../capability.ts";
import { StepFailure } from "../failure.ts";
import type { InputOf, OutputOf } from "../schema.ts";
import type { Dispatch } from "../worker/core/input.ts";
import { workerLimits } from "../worker/core/limits.ts";
import type { Failure } from "../worker/core/outcome.ts";
import { limitOf } from "../worker/core/timing.ts";
import { threwMessage } from "../worker/outcome-of-error.ts";
import { runStep } from "../worker/run-step.ts";
import { stepContext } from "../worker/step-context.ts";
import { type LogLine, recordedLog } from "./recorded-log.ts";

/** What the handler's context says. */
export type RunOptions = {
  /** Aborting it cancels the step. */
  readonly signal?: AbortSignal | undefined;
  /** Default "test". */
  readonly executionId?: string | undefined;
  /** Default "step". */
  readonly stepId?: string | undefined;
  /** From 1, the default. */
  readonly attempt?: number | undefined;
  /** Default "test". */
  readonly workflow?: string | undefined;
  /** Default "default". */
  readonly namespace?: string | undefined;
  /** Milliseconds. Only shown to the handler: nothing times it out. Default: no limit. */
  readonly timeLeftMs?: number | undefined;
};

/** What a run gave. */
export type CapabilityRun<Output> = {
  /** As an orchestrator receives it: validated, and through JSON. Reading it throws after a `later()`. */
  readonly output: Output;
  /** What the step is to be completed with; undefined unless the handler has answered `later()`. */
  readonly completionToken: string | undefined;
  /** Every call of `progress`, not throttled. */
  readonly progress: readonly { readonly fraction: number; readonly message: string }[];
  readonly logs: readonly LogLine[];
};

/**
 * Runs one capability in this process, with everything that an agent does around it: the input goes through
 * JSON and its schema, the output through its schema and JSON, limits included.
 *
 * Rejects with the StepFailure that the orchestrator would get; the `cause` of UNKNOWN is what was thrown.
 *
 * @example
 * ```ts
 * const { output, progress } = await runCapability(agent, "code.review", { repo: "weft", commit: "4c7929c" });
 * expect(output.findings).toEqual([]);
 * expect(progress).toEqual([{ fraction: 0.5, message: "diff read" }]);
 * ```
 */
export async function runCapability<C extends Capabilities, Name extends keyof C & string>(
  agent: AgentDefinition<C>,
  name: Name,
  input: InputOf<C[Name]["input"]>,
  options: RunOptions = {},
): Promise<CapabilityRun<OutputOf<C[Name]["output"]>>> {
  const capability = agent.capabilities[name];
  if (!capability) throw new Error(`${agent.name} has no capability ${name}`);
  const dispatch = dispatchOf(name, input, options);
  const progress: { fraction: number; message: string }[] = [];
  const { log, lines: logs } = recordedLog();
  const deadlineMs = performance.now() + limitOf(dispatch.timeLeftMs);
  const context = stepContext(dispatch, {
    signal: cancelledWith(options.signal),
    log,
    now: () => performance.now(),
    deadlineMs: () => deadlineMs,
    progress: (fraction, message) => progress.push({ fraction, message }),
  });
  const { payloadBytesMax } = workerLimits;
  const outcome = await runStep({ name, capability, input: dispatch.input, context, payloadBytesMax });
  if (outcome.status === "failed") throw thrown(outcome.failure, logs);
  if (outcome.status === "later") return deferred(context.completionToken, progress, logs);
  const output = JSON.parse(Buffer.from(outcome.output).toString()) as OutputOf<C[Name]["output"]>;
  return { output, completionToken: undefined, progress, logs };
}

function deferred<Output>(
  completionToken: string,
  progress: CapabilityRun<Output>["progress"],
  logs: readonly LogLine[],
): CapabilityRun<Output> {
  return {
    get output(): Output {
      throw new Error('there is no output: the handler has answered "later"');
    },
    completionToken,
    progress,
    logs,
  };
}

function dispatchOf(capability: string, input: unknown, options: RunOptions): Dispatch {
  const { executionId = "test", stepId = "step", attempt = 1, workflow = "test" } = options;
  return {
    dispatchId: `${executionId}/${stepId}/${attempt}/1`,
    shard: 0,
    epoch: 0n,
    capability,
    namespace: options.namespace ?? "default",
    workflow,
    input: Buffer.from(JSON.stringify(input ?? null)),
    timeLeftMs: BigInt(Math.round(options.timeLeftMs ?? 0)),
  };
}

/** Aborts as a cancelled step's signal does. */
function cancelledWith(signal: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  const cancel = (): void => controller.abort(new StepFailure("CANCELLED", "the step was cancelled"));
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  return controller.signal;
}

function thrown({ code, message, ...options }: Failure, logs: readonly LogLine[]): StepFailure {
  const line = logs.find((candidate) => candidate.message === threwMessage);
  return new StepFailure(code, message, line ? { ...options, cause: line.fields["error"] } : options);
}
