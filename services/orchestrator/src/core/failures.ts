import type { Step } from "./definition.ts";
import type { Execution } from "./execution.ts";
import type { Failure } from "./failure.ts";
import { bytesOf, isJsonObject, type Json, jsonOf, parsed } from "./json.ts";
import type { ExecutionLimits } from "./limits.ts";
import { quoted } from "./problem.ts";

// The failures that the rules themselves find. Agents bring theirs along.

export function timeoutFailure({ timeoutMs }: Step, attempt: number): Failure {
  const message = `attempt ${attempt} did not end within ${timeoutMs} ms`;
  return { code: "DEADLINE_EXCEEDED", message, reason: "TIMEOUT" };
}

export function heartbeatFailure({ heartbeatTimeoutMs }: Step, attempt: number): Failure {
  const message = `attempt ${attempt} made no progress for ${heartbeatTimeoutMs} ms`;
  return { code: "DEADLINE_EXCEEDED", message, reason: "HEARTBEAT_TIMEOUT" };
}

export function notTakenFailure({ id, capability, queueTimeoutMs }: Step): Failure {
  return {
    code: "DEADLINE_EXCEEDED",
    message: `no agent took step ${id} (capability ${capability}) within ${queueTimeoutMs} ms`,
    reason: "QUEUE_TIMEOUT",
    retryable: false,
  };
}

export function interruptedFailure(why: string): Failure {
  return { code: "UNAVAILABLE", message: `the agent was lost: ${why}`, reason: "INTERRUPTED" };
}

export function poisonedFailure(interruptions: number): Failure {
  return {
    code: "INTERNAL",
    message: `${interruptions} agents were lost while they ran this step`,
    reason: "POISONED",
    retryable: false,
  };
}

/** An `atMostOnce` step may have run: to send it again could run it twice. */
export function uncertainFailure(why: string): Failure {
  return {
    code: "ABORTED",
    message: `it is uncertain whether the step has run (${why}), and it must not run twice`,
    reason: "DELIVERY_UNCERTAIN",
    retryable: false,
  };
}

/** Why the execution can not take this payload in; undefined when it can. */
export function tooLargeFailure(
  { limits, payloadBytes }: Execution,
  payload: Json,
  what: string,
): Failure | undefined {
  const failure = payloadTooLargeFailure(limits, payload, what);
  if (failure) return failure;
  return payloadBytes + bytesOf(payload) > limits.executionBytesMax
    ? executionTooLargeFailure(limits.executionBytesMax, what)
    : undefined;
}

/** Of variables, which no execution has more than once; says which of them to look at. */
export function varsTooLargeFailure(limits: ExecutionLimits, vars: Json, what: string): Failure | undefined {
  const failure = payloadTooLargeFailure(limits, vars, what);
  return failure && { ...failure, message: `${failure.message}. The largest is ${quoted(largestOf(vars))}` };
}

function payloadTooLargeFailure(
  { payloadBytesMax }: ExecutionLimits,
  payload: Json,
  what: string,
): Failure | undefined {
  const bytes = bytesOf(payload);
  if (bytes <= payloadBytesMax) return undefined;
  return limitFailure(
    "PAYLOAD_TOO_LARGE",
    `${what} has ${bytes} bytes; the limit (payloadBytesMax) is ${payloadBytesMax}. Pass large data by reference`,
  );
}

function largestOf(vars: Json): string {
  const tree = parsed(vars);
  let largest = { name: "", bytes: 0 };
  for (const [name, value] of isJsonObject(tree) ? Object.entries(tree) : []) {
    const bytes = bytesOf(jsonOf(value));
    if (bytes > largest.bytes) largest = { name, bytes };
  }
  return largest.name;
}

export function executionTooLargeFailure(executionBytesMax: number, what: string): Failure {
  const message = `with ${what} the execution's payloads are more than ${executionBytesMax} bytes (executionBytesMax)`;
  return limitFailure("EXECUTION_TOO_LARGE", message);
}

function limitFailure(reason: string, message: string): Failure {
  return { code: "OUT_OF_RANGE", message, reason, retryable: false };
}
