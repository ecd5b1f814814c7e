import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { effects } from "./effects.ts";
import { blankExecution, type Execution } from "./execution.ts";
import { defaultExecutionLimits } from "./limits.ts";
import { decodeSnapshot, encodeSnapshot, isSnapshotDue } from "./snapshot.ts";
import { beginStory, inputOf, storyStartMs, testWorkflow } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  timeout: "1h",
  vars: { region: "eu" },
  onFailure: "continue",
  retry: { jitter: false },
  steps: [
    { id: "done" },
    { id: "runs", dependsOn: ["done"] },
    { id: "waits" },
    { id: "retries", queueTimeout: "20s" },
    { id: "bad", retry: "none" },
    { id: "lost", dependsOn: ["bad"] },
    { id: "idle", dependsOn: ["runs"] },
  ],
});

/** An execution with a step in each state. */
function busy(): Execution {
  const { execution } = beginStory(workflow);
  const play = `start {"n":1}
due done at x
succeeded done/1/1 "D"
due waits at x
later waits/1/1
due retries at x
lost retries/1/1 crash
due retries at y
failed retries/1/2 UNAVAILABLE
due bad at x
failed bad/1/1 INTERNAL
succeeded bad/1/1 "after all"
due runs
due runs at z`;
  for (const command of play.split("\n")) advance(execution, inputOf(command, execution), storyStartMs);
  return execution;
}

function again(execution: Execution): Execution {
  return decodeSnapshot("e1", workflow, defaultExecutionLimits, encodeSnapshot(execution));
}

describe("a snapshot", () => {
  it("gives back all that folding the log gives", () => {
    const execution = busy();
    expect(execution.steps.map(({ state }) => state.status)).toEqual([
      "SUCCEEDED",
      "RUNNING",
      "WAITING",
      "RETRYING",
      "FAILED",
      "SKIPPED",
      "PENDING",
    ]);
    expect(again(execution)).toStrictEqual(execution);
    expect(effects(again(execution))).toEqual(effects(execution));
  });

  it("of a paused, a failed or a cancelled execution is no different", () => {
    for (const command of ["pause because of lunch", "cancel because of lunch", "time is up"]) {
      const execution = busy();
      advance(execution, inputOf(command, execution), storyStartMs + 5);
      expect(again(execution)).toStrictEqual(execution);
    }
  });

  it("of an execution that has not started is a blank one", () => {
    const blank = blankExecution("e1", workflow);
    expect(again(blank)).toStrictEqual(blank);
  });

  it("is not tied to what goes on: the execution that it was taken of may change", () => {
    const execution = busy();
    const text = encodeSnapshot(execution);
    advance(execution, inputOf("succeeded runs/1/1 1", execution), storyStartMs);
    const { steps, sequence } = decodeSnapshot("e1", workflow, defaultExecutionLimits, text);
    expect(steps[1]!.state.status).toBe("RUNNING");
    expect(sequence).toBe(execution.sequence - 1);
  });
});

describe("isSnapshotDue", () => {
  it("after so many events, or as many as the workflow has steps when those are more", () => {
    const execution = busy();
    expect([999, 1_000].map((since) => isSnapshotDue(execution, since, 1_000))).toEqual([false, true]);
    expect([2, 6, 7].map((since) => isSnapshotDue(execution, since, 2))).toEqual([false, false, true]);
  });
});
