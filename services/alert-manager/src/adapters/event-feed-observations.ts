import { fromJsonString } from "@bufbuild/protobuf";
import { type Duration, type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@weft/proto/google/rpc/code_pb";
import {
  BreakerKind,
  BreakerState,
  type ExecutionEvent,
  ExecutionEventSchema,
  type SystemEvent,
  SystemEventSchema,
} from "@weft/proto/weft/events/v1/events_pb";
import { AgentState } from "@weft/proto/weft/registry/v1/registry_pb";
import type { CloudEvent } from "@weft/runtime/event-bus";
import type {
  AgentObservation,
  ExecutionObservation,
  Observation,
  StepObservation,
} from "../core/observation.ts";

/** An event of a log, as the bus brings it. */
export type HeardEvent = {
  readonly logId: string;
  readonly shard: number;
  readonly position: number;
  /** Undefined: a stub, and only the log knows more. */
  readonly message: ExecutionEvent | undefined;
};

const logSource = /^\/weft\/logs\/([0-9a-f]{1,64})$/;
const logEventId = /^(\d{1,9})\/(\d{1,15})$/;
// What a later release adds is passed over.
const lenient = { ignoreUnknownFields: true };

/** Undefined: it is not of a log. */
export function heardEvent({ source, id, data }: CloudEvent): HeardEvent | undefined {
  const [, logId] = logSource.exec(source) ?? [];
  const [, shard, position] = logEventId.exec(id) ?? [];
  if (logId === undefined || shard === undefined) return undefined;
  const message = parsed(() => fromJsonString(ExecutionEventSchema, textOf(data), lenient));
  return {
    logId,
    shard: Number(shard),
    position: Number(position),
    message: message?.event?.event.case === undefined ? undefined : message,
  };
}

/** What a source says that no log holds; undefined where it says nothing that rules judge. */
export function heardOfSystem({ data }: CloudEvent): Observation | undefined {
  const message = parsed(() => fromJsonString(SystemEventSchema, textOf(data), lenient));
  return message && observationOfSystem(message);
}

/** The same of a message. */
export function observationOfSystem({ event, time }: SystemEvent): Observation | undefined {
  const timeMs = msOf(time);
  switch (event.case) {
    case "agentChanged": {
      const { agentId, incarnation, name, zone, capabilities, state, reason } = event.value;
      return agentObservation({ timeMs, agentId, incarnation, name, zone, capabilities, state, reason });
    }
    case "breakerChanged": {
      const { kind, state, name, namespace, workflow, stepId, agentId, capability } = event.value;
      const shown = nameIn(BreakerState, state);
      if (!shown) return undefined;
      const place = kind === BreakerKind.STEP ? { namespace, workflow, stepId } : { agentId, capability };
      return {
        kind: "breaker",
        timeMs,
        name,
        of: kind === BreakerKind.STEP ? "step" : "agent",
        ...place,
        state: shown,
      };
    }
    case "executionQuarantined": {
      const { executionId, namespace, workflow, reason } = event.value;
      return { kind: "execution", type: "quarantined", timeMs, namespace, workflow, executionId, reason };
    }
    default:
      return undefined;
  }
}

type AgentFields = Omit<AgentObservation, "kind" | "state" | "zone" | "reason"> & {
  readonly state: AgentState;
  readonly zone: string;
  readonly reason?: string;
};

/** Undefined for a state of a later release. */
export function agentObservation({
  state,
  zone,
  reason,
  ...fields
}: AgentFields): AgentObservation | undefined {
  const shown = nameIn(AgentState, state);
  if (!shown) return undefined;
  return { kind: "agent", ...fields, state: shown, ...(zone && { zone }), ...(reason && { reason }) };
}

/** What a fact of the log says to rules; undefined where it says nothing. */
export function observationOf(message: ExecutionEvent): Observation | undefined {
  const { event, namespace, workflow } = message;
  if (!event) return undefined;
  const base = { timeMs: msOf(event.time), namespace, workflow, executionId: event.executionId };
  return executionObservation(message, base) ?? stepObservation(message, base);
}

type Base = Pick<ExecutionObservation, "timeMs" | "namespace" | "workflow" | "executionId">;

function executionObservation(
  { event, timeout }: ExecutionEvent,
  base: Base,
): ExecutionObservation | undefined {
  const kind = "execution";
  const fact = event?.event;
  switch (fact?.case) {
    case "executionStarted":
      return { kind, type: "started", ...base, ...timeoutOf(timeout) };
    case "executionSucceeded":
      return { kind, type: "succeeded", ...base };
    case "executionFailed":
      return { kind, type: "failed", ...base, ...reasonOf(fact.value.failure?.message) };
    case "executionCancelled":
      return { kind, type: "cancelled", ...base, ...reasonOf(fact.value.reason) };
    case "executionTimedOut":
      return { kind, type: "timed_out", ...base };
    case "executionPaused":
      return { kind, type: "paused", ...base, ...reasonOf(fact.value.reason) };
    case "executionResumed":
      return { kind, type: "resumed", ...base };
    default:
      return undefined;
  }
}

type StepFields = Omit<StepObservation, "kind" | "type" | keyof Base | "stepId" | "capability">;

function stepObservation(
  { event, capability, timeout }: ExecutionEvent,
  base: Base,
): StepObservation | undefined {
  const fact = event?.event;
  const of = (type: StepObservation["type"], stepId: string, fields: StepFields = {}): StepObservation => ({
    kind: "step",
    type,
    ...base,
    stepId,
    ...(capability && { capability }),
    ...fields,
  });
  switch (fact?.case) {
    case "stepQueued":
      return of("queued", fact.value.stepId);
    case "stepStarted": {
      const { stepId, attempt, send, agentId } = fact.value;
      return of("started", stepId, { attempt, send, agentId, ...timeoutOf(timeout) });
    }
    case "stepFailedOver":
    case "stepInterrupted": {
      const { stepId, attempt, send, agentId, reason } = fact.value;
      const type = fact.case === "stepInterrupted" ? "interrupted" : "failed_over";
      return of(type, stepId, { attempt, send, agentId, ...reasonOf(reason) });
    }
    case "stepAttemptFailed": {
      const { stepId, attempt, send, failure } = fact.value;
      return of("attempt_failed", stepId, { attempt, send, ...failureOf(failure) });
    }
    case "stepRetryScheduled":
      return of("retry_scheduled", fact.value.stepId, { attempt: fact.value.attempt });
    case "stepWaiting":
      return of("waiting", fact.value.stepId, { attempt: fact.value.attempt, send: fact.value.send });
    case "stepSucceeded":
      return of("succeeded", fact.value.stepId, { attempt: fact.value.attempt, send: fact.value.send });
    case "stepFailed":
      return of("failed", fact.value.stepId, failureOf(fact.value.failure));
    case "stepSkipped":
      return of("skipped", fact.value.stepId);
    case "stepCancelled":
      return of("cancelled", fact.value.stepId);
    default:
      return undefined;
  }
}

function failureOf(failure: { readonly code: Code; readonly message: string } | undefined) {
  if (!failure) return {};
  return { code: nameIn(Code, failure.code) ?? "UNKNOWN", ...reasonOf(failure.message) };
}

/** The name of a value; undefined for one of a later release, and where there is none. */
export function nameIn<Name extends string>(
  values: Readonly<Record<Name, number>>,
  value: number,
): Exclude<Name, "UNSPECIFIED"> | undefined {
  const name = (Object.keys(values) as Name[]).find((each) => values[each] === value);
  return name === "UNSPECIFIED" ? undefined : (name as Exclude<Name, "UNSPECIFIED"> | undefined);
}

function reasonOf(reason: string | undefined): { readonly reason?: string } {
  return reason ? { reason } : {};
}

function timeoutOf(timeout: Duration | undefined): { readonly timeoutMs?: number } {
  return timeout ? { timeoutMs: Number(timeout.seconds) * 1_000 + timeout.nanos / 1_000_000 } : {};
}

function msOf(time: Timestamp | undefined): number {
  return time ? timestampMs(time) : 0;
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("utf8");
}

/** Undefined for what nobody can read: of a log, the log is asked instead. */
function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
