import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { ExecutionSchema, ExecutionStatus, StepStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { isTerminal } from "../progress/terminal-event.ts";
import type { Script } from "./scripted-services.ts";
import { storyId, storyStartMs } from "./story.ts";

const statuses: Readonly<Record<string, ExecutionStatus>> = {
  executionSucceeded: ExecutionStatus.SUCCEEDED,
  executionFailed: ExecutionStatus.FAILED,
  executionCancelled: ExecutionStatus.CANCELLED,
};

/** An orchestrator with a sound definition of one step, and one execution of it that goes as its events tell. */
export function scriptedExecution(events: readonly Event[]): Script {
  const last = events.findLast(isTerminal);
  const status = statuses[last?.event.case ?? ""] ?? ExecutionStatus.RUNNING;
  const execution = create(ExecutionSchema, {
    executionId: storyId,
    namespace: "default",
    workflow: "report",
    workflowVersion: 1,
    status,
    labels: { team: "docs" },
    createdBy: "ada",
    startTime: timestampFromMs(storyStartMs),
    ...(last?.time ? { endTime: last.time } : {}),
    lastSequence: events.at(-1)?.sequence ?? 0n,
    steps: [
      {
        stepId: "collect",
        capability: "repo.collect",
        status: last ? StepStatus.SUCCEEDED : StepStatus.RUNNING,
        attempt: 1,
        agentId: "agent-1",
        startTime: timestampFromMs(storyStartMs),
        ...(last?.time ? { endTime: last.time } : {}),
      },
    ],
    output: { content: { case: "json", value: { kind: { case: "stringValue", value: "done" } } } },
  });
  return {
    validateWorkflow: () => ({ valid: true }),
    planWorkflow: () => ({ plan: { steps: [{ stepId: "collect" }], batches: [{ stepIds: ["collect"] }] } }),
    startExecution: () => ({ executionId: storyId, workflowVersion: 1 }),
    getExecution: () => ({ execution }),
    watchExecution: ({ afterSequence }, stream) => {
      stream.write({ events: events.filter(({ sequence }) => sequence === 0n || sequence > afterSequence) });
      if (last) stream.end();
    },
    listAgents: () => ({ agents: [] }),
  };
}
