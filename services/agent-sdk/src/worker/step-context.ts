import type { Log, LogFields, StepContext, StepTrace } from "../context.ts";
import { withFields } from "../log.ts";
import { completionToken } from "./core/completion-token.ts";
import { parseDispatchId } from "./core/dispatch-id.ts";
import type { Dispatch } from "./core/input.ts";

export type StepEnvironment = {
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Monotonic, in milliseconds. */
  now(): number;
  /** By `now`; Infinity: none. It may move. */
  deadlineMs(): number;
  progress(fraction: number, message: string): void;
};

/** What a handler is given with its input. */
export function stepContext(dispatch: Dispatch, environment: StepEnvironment): StepContext {
  const { dispatchId, workflow, namespace } = dispatch;
  const { executionId, stepId, attempt, idempotencyKey } = parseDispatchId(dispatchId);
  return {
    signal: environment.signal,
    progress: (fraction, message) => environment.progress(fraction, message ?? ""),
    log: withFields(environment.log, stepFields(dispatch)),
    idempotencyKey: dispatch.idempotencyKey ?? idempotencyKey,
    dispatchId,
    executionId,
    stepId,
    attempt,
    workflow,
    namespace,
    trace: traceOf(dispatch),
    get completionToken() {
      return completionToken(dispatchId);
    },
    get timeLeftMs() {
      return Math.max(0, environment.deadlineMs() - environment.now());
    },
  };
}

/** What every line of the log about a step says of it. */
export function stepFields({ dispatchId, namespace, traceparent }: Dispatch): LogFields {
  const { executionId, stepId } = parseDispatchId(dispatchId);
  const fields = { dispatchId, executionId, stepId, namespace };
  return traceparent ? { ...fields, traceId: traceparent.slice(3, 35) } : fields;
}

function traceOf({ traceparent, tracestate }: Dispatch): StepTrace | undefined {
  if (!traceparent) return undefined;
  return tracestate ? { traceparent, tracestate } : { traceparent };
}
