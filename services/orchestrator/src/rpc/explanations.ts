import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AgentShortage,
  type ExplainExecutionResponse,
  ExplainExecutionResponseSchema,
  StepExplanationSchema,
  type StepExplanation as StepMessage,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus, StepStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { completionToken } from "../app/completion-token.ts";
import type { Explanation, StepExplanation } from "../app/explanations.ts";
import type { SlotExplanation } from "../app/slot-explanation.ts";
import { assertNever } from "../core/assert-never.ts";
import { dispatchId } from "../core/dispatch-id.ts";
import { timesOf } from "./executions.ts";
import { summaryOf } from "./explanation-summary.ts";
import { failureMessage } from "./failures.ts";
import { joinCodes } from "./joins.ts";
import { timestampOf } from "./time.ts";

export function explanationMessage(explanation: Explanation): ExplainExecutionResponse {
  const { executionId, status, execution, quarantine, isLogBlocked, steps } = explanation;
  return create(ExplainExecutionResponseSchema, {
    status: ExecutionStatus[status],
    ...(execution ? timesOf(execution) : {}),
    quarantineReason: quarantine ?? "",
    logBlocked: isLogBlocked,
    steps: steps.map((step) => stepMessage(executionId, step)),
  });
}

function stepMessage(executionId: string, explained: StepExplanation): StepMessage {
  return create(StepExplanationSchema, {
    stepId: explained.step,
    status: StepStatus[explained.status],
    summary: summaryOf(explained),
    waitingFor: waitOf(executionId, explained),
  });
}

type WaitingFor = NonNullable<MessageInitShape<typeof StepExplanationSchema>["waitingFor"]>;

function waitOf(executionId: string, explained: StepExplanation): WaitingFor {
  const { step, wait, slot, isAgentReachable = true } = explained;
  switch (wait.kind) {
    case "dependencies":
      return { case: "dependencies", value: { stepIds: [...wait.open], join: joinCodes[wait.join] } };
    case "backoff": {
      const { attempt, untilMs, lastFailure } = wait;
      const failure = lastFailure ? { lastFailure: failureMessage(lastFailure) } : {};
      return { case: "backoff", value: { attempt, until: timestampOf(untilMs)!, ...failure } };
    }
    case "slot": {
      const { capability, sinceMs, untilMs } = wait;
      const since = { since: timestampOf(sinceMs)!, ...until(untilMs) };
      if (slot?.kind === "step-failing")
        return { case: "breaker", value: { ...nextProbe(slot.nextProbeAtMs), ...since } };
      return { case: "agent", value: { capability, ...shortageOf(slot), ...since } };
    }
    case "answer": {
      const { agentId, attempt, untilMs } = wait;
      const agentUnreachable = !isAgentReachable;
      return { case: "answer", value: { agentId, attempt, agentUnreachable, ...until(untilMs) } };
    }
    case "completion": {
      const { attempt, send, untilMs } = wait;
      const token = completionToken(dispatchId(executionId, { step, attempt, send }));
      return { case: "completion", value: { token, attempt, ...until(untilMs) } };
    }
    default:
      return assertNever(wait);
  }
}

function shortageOf(slot: SlotExplanation | undefined) {
  switch (slot?.kind) {
    case "no-agent":
      return { shortage: AgentShortage.NONE_OFFERS };
    case "agents-unavailable":
      return { shortage: AgentShortage.NONE_AVAILABLE, agents: slot.agents };
    case "agents-failing":
      return {
        shortage: AgentShortage.ALL_FAILING,
        agents: slot.agents,
        ...nextProbe(slot.nextProbeAtMs),
      };
    case "agents-full":
      return { shortage: AgentShortage.ALL_FULL, agents: slot.agents, position: slot.position };
    default:
      return { shortage: AgentShortage.UNSPECIFIED };
  }
}

function nextProbe(nextProbeAtMs: number | undefined) {
  const time = nextProbeAtMs === undefined ? undefined : timestampOf(nextProbeAtMs);
  return time ? { nextProbeTime: time } : {};
}

function until(untilMs: number | undefined) {
  const time = untilMs === undefined ? undefined : timestampOf(untilMs);
  return time ? { until: time } : {};
}
