import { assertNever } from "./assert-never.ts";
import {
  stepDeferred,
  stepFailed,
  stepHeartbeatMissed,
  stepLost,
  stepRejected,
  stepSucceeded,
  stepTimedOut,
} from "./decide-answer.ts";
import { stepDue, stepQueueTimedOut, stepUnreachable } from "./decide-due.ts";
import { executionFinished, executionTimedOut } from "./decide-end.ts";
import { cancel, complete, pause, resume, start } from "./decide-request.ts";
import type { Event } from "./event.ts";
import type { Execution } from "./execution.ts";
import type { Input } from "./input.ts";
import type { Rejection } from "./rejection.ts";

/** The rules of an execution. A request may be refused; late and duplicate facts change nothing. */
export function decide(execution: Execution, input: Input, nowMs: number): readonly Event[] | Rejection {
  switch (input.kind) {
    case "start":
      return start(execution, input);
    case "cancel":
      return cancel(execution, input);
    case "pause":
      return pause(execution, input);
    case "resume":
      return resume(execution, input);
    case "complete":
      return complete(execution, input, nowMs);
    case "step.due":
      return stepDue(execution, input, nowMs);
    case "step.unreachable":
      return stepUnreachable(execution, input);
    case "step.queue_timed_out":
      return stepQueueTimedOut(execution, input);
    case "step.succeeded":
      return stepSucceeded(execution, input);
    case "step.failed":
      return stepFailed(execution, input, nowMs);
    case "step.deferred":
      return stepDeferred(execution, input);
    case "step.timed_out":
      return stepTimedOut(execution, input, nowMs);
    case "step.heartbeat_missed":
      return stepHeartbeatMissed(execution, input, nowMs);
    case "step.rejected":
      return stepRejected(execution, input, nowMs);
    case "step.lost":
      return stepLost(execution, input, nowMs);
    case "execution.timed_out":
      return executionTimedOut(execution, input);
    case "execution.finished":
      return executionFinished(execution);
    default:
      return assertNever(input);
  }
}
