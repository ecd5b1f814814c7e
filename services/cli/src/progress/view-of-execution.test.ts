import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@weft/proto/google/rpc/code_pb";
import { SkipCause } from "@weft/proto/weft/workflow/v1/event_pb";
import {
  ExecutionSchema,
  ExecutionStatus,
  StepExecutionSchema,
  StepStatus,
} from "@weft/proto/weft/workflow/v1/execution_pb";
import { expect, it } from "vitest";
import { viewOfExecution } from "./view-of-execution.ts";

const at = timestampFromMs;
const failure = { code: Code.UNAVAILABLE, message: "rebuilding" };

it("shows each step as its events would have", () => {
  const steps = [
    {
      stepId: "done",
      status: StepStatus.SUCCEEDED,
      attempt: 2,
      agentId: "a1",
      startTime: at(10),
      endTime: at(20),
    },
    { stepId: "runs", status: StepStatus.RUNNING, attempt: 1, agentId: "a2", startTime: at(20) },
    {
      stepId: "again",
      status: StepStatus.RETRYING,
      attempt: 2,
      startTime: at(20),
      failure,
      nextAttemptTime: at(90),
    },
    { stepId: "waits", status: StepStatus.WAITING, agentId: "a3", startTime: at(20) },
    { stepId: "broken", status: StepStatus.FAILED, startTime: at(20), endTime: at(30), failure },
    { stepId: "left", status: StepStatus.CANCELLED, succeededLate: true },
    { stepId: "out", status: StepStatus.SKIPPED, skipCause: SkipCause.CONDITION },
    { stepId: "later", status: StepStatus.PENDING },
  ].map((step) => create(StepExecutionSchema, step));
  const execution = create(ExecutionSchema, { status: ExecutionStatus.RUNNING, startTime: at(5), steps });
  const view = viewOfExecution(execution, new Map([["runs", ["done"]]]));
  expect(view).toMatchObject({ state: { status: "running" }, startedMs: 5 });
  expect([...view.steps.values()].map(({ state }) => state)).toMatchObject([
    { status: "succeeded", endedMs: 20, agentId: "a1" },
    { status: "running", agentId: "a2" },
    { status: "retrying", dueMs: 90, failure: "UNAVAILABLE: rebuilding" },
    { status: "waiting", agentId: "a3" },
    { status: "failed", endedMs: 30, failure: "UNAVAILABLE: rebuilding" },
    { status: "cancelled" },
    { status: "skipped", cause: "its condition was false" },
    { status: "pending" },
  ]);
  expect(view.steps.get("runs")).toMatchObject({ dependencies: ["done"], startedMs: 20, attempt: 1 });
  expect(view.steps.get("left")).toMatchObject({ succeededLate: true });
  expect(viewOfExecution(execution, undefined).steps.get("runs")).not.toHaveProperty("dependencies");
});

it("shows that the execution is paused, and why", () => {
  const paused = create(ExecutionSchema, { status: ExecutionStatus.PAUSED, pause: { reason: "a look" } });
  expect(viewOfExecution(paused, undefined).state).toEqual({ status: "paused", reason: "a look" });
});

it("shows how the execution ended", () => {
  const ended = (status: ExecutionStatus) =>
    viewOfExecution(create(ExecutionSchema, { status, endTime: at(9), failure }), undefined);
  expect(ended(ExecutionStatus.SUCCEEDED)).toMatchObject({ state: { status: "succeeded" }, endedMs: 9 });
  expect(ended(ExecutionStatus.FAILED).state).toEqual({
    status: "failed",
    failure: "UNAVAILABLE: rebuilding",
  });
  expect(ended(ExecutionStatus.CANCELLED).state).toMatchObject({ status: "cancelled" });
});
