import { Code } from "@weft/proto/google/rpc/code_pb";
import { describe, expect, it } from "vitest";
import {
  type Moment,
  started,
  stepStarted,
  stepSucceeded,
  story,
  storyStartMs,
  succeeded,
} from "../testing/story.ts";
import { after, viewOf } from "../testing/view.ts";
import type { StepView } from "./execution-view.ts";

function stepAfter(id: string, ...events: readonly Moment[]): StepView | undefined {
  return after(viewOf("a", "b"), story(...events)).steps.get(id);
}

describe("a view brought up by events", () => {
  it("knows when and what was started", () => {
    expect(after(viewOf("a"), story([70, started("other")]))).toMatchObject({
      workflow: "other",
      version: 1,
      startedMs: storyStartMs + 70,
    });
  });

  it("counts a step's time from its first attempt", () => {
    const step = stepAfter("a", [10, stepStarted("a")], [500, stepStarted("a", "agent-2", 2)]);
    expect(step).toMatchObject({ attempt: 2, startedMs: storyStartMs + 10, state: { agentId: "agent-2" } });
  });

  it("lets an interrupted step wait for another agent", () => {
    const step = stepAfter(
      "a",
      [10, stepStarted("a")],
      [20, { case: "stepInterrupted", value: { stepId: "a", agentId: "agent-1", reason: "lost" } }],
    );
    expect(step?.state).toEqual({ status: "queued", sinceMs: storyStartMs + 20 });
  });

  it("lets a step that is answered later wait, until it is completed", () => {
    const waiting = { case: "stepWaiting", value: { stepId: "a", attempt: 1, send: 1 } } as const;
    expect(stepAfter("a", [0, stepStarted("a")], [1, waiting])?.state).toEqual({
      status: "waiting",
      agentId: "agent-1",
    });
    expect(stepAfter("a", [0, stepStarted("a")], [1, waiting], [9, stepSucceeded("a")])?.state).toEqual({
      status: "succeeded",
      endedMs: storyStartMs + 9,
      agentId: "agent-1",
    });
    expect(stepAfter("a", [0, stepStarted("a")], [1, waiting], [9, succeeded()])?.state.status).toBe(
      "cancelled",
    );
  });

  it("leaves a step that succeeds too late as it is, and remembers it", () => {
    const late = { case: "stepSucceededLate", value: { stepId: "a", attempt: 1, send: 1 } } as const;
    const cancelled = { case: "stepCancelled", value: { stepId: "a" } } as const;
    const step = stepAfter("a", [0, stepStarted("a")], [5, cancelled], [9, late]);
    expect(step).toMatchObject({ succeededLate: true, state: { status: "cancelled" } });
  });

  it("takes progress of running steps only", () => {
    const progress = {
      case: "stepProgressed",
      value: { stepId: "a", fraction: 0.5, message: "half" },
    } as const;
    expect(stepAfter("a", [0, progress])?.state).toEqual({ status: "pending" });
    expect(stepAfter("a", [0, stepStarted("a")], [1, progress])?.state).toMatchObject({
      progress: { fraction: 0.5, message: "half" },
    });
    expect(stepAfter("a", [0, stepStarted("a")], [1, stepSucceeded("a")], [2, progress])?.state.status).toBe(
      "succeeded",
    );
  });

  it("ends what was still open when the execution ends", () => {
    const view = after(
      viewOf("a", "b"),
      story([0, started()], [1, stepStarted("a")], [2, stepSucceeded("a")], [9, succeeded()]),
    );
    expect(view).toMatchObject({ state: { status: "succeeded" }, endedMs: storyStartMs + 9 });
    expect([...view.steps.values()].map(({ state }) => state.status)).toEqual(["succeeded", "cancelled"]);
  });

  it("remembers why it failed, and that it was being cancelled", () => {
    const failure = { code: Code.DEADLINE_EXCEEDED, message: "", reason: "EXECUTION_TIMED_OUT" };
    const view = viewOf("a");
    after(
      view,
      story([0, { case: "executionCancelRequested", value: { reason: "wrong input", requestedBy: "ada" } }]),
    );
    expect(view.state).toEqual({ status: "cancelling", reason: "wrong input" });
    after(view, story([1, { case: "executionFailed", value: { failure } }]));
    expect(view.state).toEqual({ status: "failed", failure: "EXECUTION_TIMED_OUT" });
  });

  it("is paused until it is resumed, and cancelled rather than resumed", () => {
    const paused = { case: "executionPaused", value: { reason: "a look", requestedBy: "ada" } } as const;
    const resumed = { case: "executionResumed", value: { requestedBy: "ada" } } as const;
    const cancel = { case: "executionCancelRequested", value: { reason: "", requestedBy: "ada" } } as const;
    const stateAfter = (...events: readonly Moment[]) => after(viewOf("a"), story(...events)).state;
    expect(stateAfter([0, paused])).toEqual({ status: "paused", reason: "a look" });
    expect(stateAfter([0, paused], [1, resumed])).toEqual({ status: "running" });
    expect(stateAfter([0, paused], [1, cancel], [2, resumed])).toMatchObject({ status: "cancelling" });
  });

  it("takes a step that it was not told of, and ignores what it does not know", () => {
    const view = viewOf("a");
    after(view, story([0, stepStarted("late")], [1, { case: undefined }]));
    expect(view.steps.get("late")?.state.status).toBe("running");
  });
});
