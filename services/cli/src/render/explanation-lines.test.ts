import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ExplainExecutionResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { expect, it } from "vitest";
import { explanationLines } from "./explanation-lines.ts";
import { paintLine } from "./line.ts";
import { plain } from "./paint.ts";

const nowMs = 1_000_000;
const at = (ms: number) => timestampFromMs(nowMs + ms);

type Explanation = MessageInitShape<typeof ExplainExecutionResponseSchema>;

function shown(explanation: Explanation): readonly string[] {
  const lines = explanationLines(create(ExplainExecutionResponseSchema, explanation), nowMs);
  return lines.map((line) => paintLine(line, plain));
}

it("has a line for each open step, below those that it waits for, and what completes a step", () => {
  const steps: NonNullable<Explanation["steps"]> = [
    {
      stepId: "collect",
      summary: "runs on agent-1",
      waitingFor: { case: "answer", value: { agentId: "agent-1" } },
    },
    {
      stepId: "measure",
      summary: "waits for collect",
      waitingFor: { case: "dependencies", value: { stepIds: ["collect"] } },
    },
    {
      stepId: "check",
      summary: "no agent offers repo.check",
      waitingFor: { case: "agent", value: { capability: "repo.check", since: at(-5_000) } },
    },
    {
      stepId: "fetch",
      summary: "attempt 2 in 0.5 s",
      waitingFor: { case: "backoff", value: { attempt: 2, until: at(500) } },
    },
    {
      stepId: "approve",
      summary: "waits to be completed",
      waitingFor: { case: "completion", value: { token: "w1.ZS9zLzEvMQ" } },
    },
    { stepId: "newer", summary: "waits for the moon", waitingFor: { case: undefined } },
  ];
  expect(shown({ status: ExecutionStatus.RUNNING, deadlineTime: at(90_000), steps })).toEqual([
    "running  times out in 1 m 30 s",
    "├─ ⠋ collect  runs on agent-1",
    "│  · measure  waits for collect",
    "├─ ◌ check    no agent offers repo.check",
    "├─ ↻ fetch    attempt 2 in 0.5 s",
    "├─ ◇ approve  waits to be completed",
    "    → weft complete w1.ZS9zLzEvMQ",
    "└─ · newer    waits for the moon",
  ]);
});

it("begins with what holds all of it", () => {
  const pause = { since: at(-12_000), requestedBy: "ada", reason: "the index is down" };
  const steps = [{ stepId: "a", summary: "due, and the execution is paused" }];
  expect(shown({ status: ExecutionStatus.PAUSED, pause, logBlocked: true, steps })).toEqual([
    "paused by ada for 12.0 s: the index is down",
    "✗ the log has no room: whatever happens has to wait",
    "· a  due, and the execution is paused",
  ]);
  const quarantineReason = "its event 17 can't be read";
  expect(shown({ status: ExecutionStatus.RUNNING, quarantineReason })).toEqual([
    "running  no step is open",
    "✗ left alone: its event 17 can't be read",
  ]);
});

it("says of an execution that has ended no more than how", () => {
  expect(shown({ status: ExecutionStatus.SUCCEEDED })).toEqual(["succeeded  no step is open"]);
});
