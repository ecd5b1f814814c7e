import { failAttempt, stepSucceeded } from "./decide-answer.ts";
import { cancelActive } from "./decide-end.ts";
import type { Event } from "./event.ts";
import { type Execution, findStep, hasEnded } from "./execution.ts";
import type { Failure } from "./failure.ts";
import { tooLargeFailure } from "./failures.ts";
import type { Request } from "./input.ts";
import { type Rejection, rejection } from "./rejection.ts";
import { renderStartVars } from "./scope.ts";

type Outcome = readonly Event[] | Rejection;
type Asked<Kind extends Request["kind"]> = Extract<Request, { readonly kind: Kind }>;

export function start(execution: Execution, request: Asked<"start">): Outcome {
  if (execution.state.status !== "PENDING") return [];
  const { definition } = execution.workflow;
  const { namespace, inline, labels, createdBy, payload, trace } = request;
  const vars = definition.vars && renderStartVars(execution, definition.vars, payload);
  if (vars && !vars.ok)
    return badField("input", "the definition's variables can not be computed from this input", vars.failure);
  return [
    {
      kind: "execution.started",
      namespace,
      workflow: definition.name,
      version: definition.version,
      ...(inline ? { definition: definition.tree } : {}),
      labels,
      createdBy,
      payload,
      ...(vars ? { vars: vars.json } : {}),
      ...trace,
    },
  ];
}

export function cancel(execution: Execution, { reason, requestedBy }: Asked<"cancel">): Outcome {
  if (execution.state.status === "CANCELLED") return [];
  if (hasEnded(execution)) return alreadyEnded(execution);
  return [
    { kind: "execution.cancel_requested", reason, requestedBy },
    ...cancelActive(execution),
    { kind: "execution.cancelled", reason },
  ];
}

export function pause(execution: Execution, { reason, requestedBy }: Asked<"pause">): Outcome {
  if (hasEnded(execution)) return alreadyEnded(execution);
  if (execution.state.status !== "RUNNING") return [];
  return [{ kind: "execution.paused", reason, requestedBy }];
}

export function resume(execution: Execution, { requestedBy }: Asked<"resume">): Outcome {
  if (hasEnded(execution)) return alreadyEnded(execution);
  if (execution.state.status !== "PAUSED") return [];
  return [{ kind: "execution.resumed", requestedBy }];
}

/** Of the attempt that the token names; the same success again is no mistake, and a late one is on record. */
export function complete(execution: Execution, request: Asked<"complete">, nowMs: number): Outcome {
  const { step, attempt, send, outcome } = request;
  const ref = { step, attempt, send };
  const run = findStep(execution, step)?.run;
  if (!run || attempt > run.attempt || send > run.send)
    return rejection("TOKEN_INVALID", "the token names no attempt that was made");
  const hasSucceeded = run.state.status === "SUCCEEDED" || run.lateSuccess !== undefined;
  if (hasSucceeded && outcome.kind === "succeeded") return [];
  // An agent has run and gone; whoever completes can still pass the output by reference.
  const tooLarge =
    outcome.kind === "succeeded" && tooLargeFailure(execution, outcome.payload, `the output of step ${step}`);
  if (tooLarge) return badField("output", "the output is too large", tooLarge);
  const events =
    outcome.kind === "succeeded"
      ? stepSucceeded(execution, { kind: "step.succeeded", ...ref, payload: outcome.payload })
      : failAttempt(execution, ref, outcome.failure, nowMs);
  if (events.length > 0) return events;
  return rejection(
    "STEP_NOT_WAITING",
    `attempt ${attempt} of step ${step} is not waiting to be completed: the step is ${run.state.status}`,
  );
}

function badField(field: string, message: string, why: Failure): Rejection {
  return rejection("REQUEST_INVALID", message, { problems: [{ field, message: why.message }] });
}

function alreadyEnded({ state }: Execution): Rejection {
  return rejection("EXECUTION_ENDED", `the execution has already ended as ${state.status}`);
}
