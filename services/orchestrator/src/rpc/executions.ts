import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type Execution as ExecutionMessage,
  ExecutionSchema,
  type ExecutionSummary,
  ExecutionSummarySchema,
  type PauseSchema,
  ExecutionStatus as StatusCode,
  type StepExecution,
  StepExecutionSchema,
  StepStatus as StepStatusCode,
} from "@weft/proto/weft/workflow/v1/execution_pb";
import type { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { completionToken } from "../app/completion-token.ts";
import type { ExecutionRow } from "../app/store.ts";
import { dispatchId } from "../core/dispatch-id.ts";
import {
  dueAtMs,
  type Execution,
  type ExecutionStatus,
  hasEnded,
  type StepRun,
  type StepStatus,
} from "../core/execution.ts";
import { skipCauses } from "./events.ts";
import { failureMessage } from "./failures.ts";
import { payloadOf } from "./payloads.ts";
import { timestampOf } from "./time.ts";

export function executionMessage(
  execution: Execution,
  quarantine: string | undefined,
  form: PayloadForm,
): ExecutionMessage {
  const { state, header, workflow, sequence } = execution;
  const input = payloadOf(header?.input, form);
  const output = payloadOf(state.status === "SUCCEEDED" ? state.output : undefined, form);
  const endTime = "endedAtMs" in state ? timestampOf(state.endedAtMs) : undefined;
  return create(ExecutionSchema, {
    executionId: execution.id,
    namespace: header?.namespace ?? "",
    workflow: workflow.definition.name,
    workflowVersion: workflow.definition.version,
    status: StatusCode[state.status],
    labels: { ...header?.labels },
    createdBy: header?.createdBy ?? "",
    startTime: timestampOf(header?.startedAtMs ?? 0)!,
    ...(endTime ? { endTime } : {}),
    ...(input ? { input } : {}),
    ...(output ? { output } : {}),
    ...(state.status === "FAILED" ? { failure: failureMessage(state.failure) } : {}),
    ...timesOf(execution),
    steps: execution.steps.map((_run, index) => stepMessage(execution, index, form)),
    lastSequence: BigInt(sequence),
    quarantineReason: quarantine ?? "",
  });
}

/** No deadline runs while the execution is paused, or after its end. */
export function timesOf({ state, deadlineMs }: Execution): {
  pause?: MessageInitShape<typeof PauseSchema>;
  deadlineTime?: Timestamp;
} {
  if (state.status === "PAUSED") {
    const { sinceMs, reason, requestedBy } = state;
    return { pause: { since: timestampOf(sinceMs)!, reason, requestedBy } };
  }
  const deadlineTime = state.status === "RUNNING" ? timestampOf(deadlineMs ?? 0) : undefined;
  return deadlineTime ? { deadlineTime } : {};
}

function stepMessage(execution: Execution, index: number, form: PayloadForm): StepExecution {
  const run = execution.steps[index]!;
  const { id, capability } = execution.workflow.definition.steps[index]!;
  const startTime = timestampOf(run.startedAtMs);
  const endTime = timestampOf(run.endedAtMs);
  const nextAttemptTime = run.state.status === "RETRYING" ? timestampOf(dueAtMs(run) ?? 0) : undefined;
  const input = payloadOf(run.input, form);
  const output = payloadOf(run.state.status === "SUCCEEDED" ? run.state.output : undefined, form);
  return create(StepExecutionSchema, {
    stepId: id,
    capability,
    status: StepStatusCode[shownStatus(execution, run.state.status)],
    attempt: run.send === 0 ? 0 : run.attempt,
    agentId: run.agentId,
    ...(startTime ? { startTime } : {}),
    ...(endTime ? { endTime } : {}),
    ...(nextAttemptTime ? { nextAttemptTime } : {}),
    ...(input ? { input } : {}),
    ...(output ? { output } : {}),
    ...(run.lastFailure ? { failure: failureMessage(run.lastFailure) } : {}),
    ...waitOf(execution, id, run),
    ...(run.state.status === "SKIPPED" ? { skipCause: skipCauses[run.state.cause] } : {}),
    succeededLate: run.lateSuccess !== undefined,
  });
}

function waitOf({ id: executionId, state }: Execution, step: string, { state: at, attempt, send }: StepRun) {
  if (at.status !== "RUNNING" && at.status !== "WAITING") return {};
  const deadlineTime = state.status === "RUNNING" ? timestampOf(at.deadlineMs) : undefined;
  const token = completionToken(dispatchId(executionId, { step, attempt, send }));
  return {
    ...(deadlineTime ? { deadlineTime } : {}),
    ...(at.status === "WAITING" ? { completionToken: token } : {}),
  };
}

/** A step that was never due when its execution ended has no event of its own. */
function shownStatus(execution: Execution, status: StepStatus): StepStatus {
  return status === "PENDING" && hasEnded(execution) ? "CANCELLED" : status;
}

export function summaryMessage(row: ExecutionRow): ExecutionSummary {
  const endTime = timestampOf(row.endedAtMs ?? 0);
  return create(ExecutionSummarySchema, {
    executionId: row.executionId,
    namespace: row.namespace,
    workflow: row.workflow,
    workflowVersion: row.version,
    status: StatusCode[row.status],
    labels: { ...row.labels },
    createdBy: row.createdBy,
    startTime: timestampOf(row.startedAtMs)!,
    ...(endTime ? { endTime } : {}),
  });
}

/** The names of statuses a filter asks for; an unspecified one asks for nothing. */
export function statusNames(codes: readonly StatusCode[]): readonly ExecutionStatus[] {
  const names = Object.keys(StatusCode) as (keyof typeof StatusCode)[];
  return names.filter(
    (name): name is ExecutionStatus => name !== "UNSPECIFIED" && codes.includes(StatusCode[name]),
  );
}
