import { describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import type { Execution } from "./execution.ts";
import { maySleepUntil, never, nextDueMs } from "./next-due.ts";
import { beginStory, inputOf, storyStartMs, testWorkflow } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: { jitter: false },
  steps: [
    { id: "a", timeout: "1m", queueTimeout: "20s" },
    { id: "b", dependsOn: ["a"] },
  ],
});
const timed = testWorkflow({ timeout: "1h", steps: [{ id: "a", timeout: "2h" }] });

function after(play: string, of = workflow): Execution {
  const { execution } = beginStory(of);
  for (const command of play.split(", ")) advance(execution, inputOf(command, execution), storyStartMs);
  return execution;
}

/** Since the start of the story. */
function next(play: string, of = workflow): number {
  const due = nextDueMs(after(play, of));
  return due === 0 || due === never ? due : due - storyStartMs;
}

describe("when an execution next has something to do", () => {
  it.each([
    ["a step is due", "start {}", 0],
    ["a step has had to wait for an agent", "start {}, due a", 0],
    ["a step backs off", "start {}, due a at x, failed a/1/1 UNAVAILABLE", 500],
    ["a step waits to be completed", "start {}, due a at x, later a/1/1", 60_000],
    ["it had to wait for an agent before", "start {}, due a, due a at x, later a/1/1", 60_000],
    ["it is paused, and nothing runs", "start {}, due a at x, later a/1/1, pause", never],
  ])("when %s", (_when, play, dueMs) => {
    expect(next(play)).toBe(dueMs);
  });

  it("is now while an agent runs a step, paused or not", () => {
    expect(nextDueMs(after("start {}, due a at x"))).toBe(0);
    expect(nextDueMs(after("start {}, due a at x, pause"))).toBe(0);
  });

  it("is at its own timeout at the latest, which stands still in a pause", () => {
    const play = "start {}, due a at x, later a/1/1";
    expect(next(play, timed)).toBe(3_600_000);
    expect(next(`${play}, pause`, timed)).toBe(never);
  });
});

describe("whether it may leave memory", () => {
  const steps = [{ id: "a" }, { id: "b" }, { id: "c" }];
  const many = testWorkflow({ mode: "parallel", retry: { jitter: false }, steps });

  /** The execution, and how many of its active steps have been looked at. */
  function watched(play: string): { execution: Execution; looks: () => number } {
    const execution = after(play, many);
    const { active } = execution;
    let looks = 0;
    const counting = {
      *[Symbol.iterator]() {
        for (const index of active) {
          looks++;
          yield index;
        }
      },
    };
    return { execution: { ...execution, active: counting as Set<number> }, looks: () => looks };
  }
  const backOff = (step: string) => `due ${step} at x, failed ${step}/1/1 UNAVAILABLE`;

  it("looks at no step while one runs", () => {
    const { execution, looks } = watched(`start {}, ${backOff("a")}, ${backOff("b")}, due c at x`);
    expect([maySleepUntil(execution, storyStartMs), looks()]).toEqual([false, 0]);
  });

  it("looks no further than the first step that is due before", () => {
    const { execution, looks } = watched(`start {}, ${["a", "b", "c"].map(backOff).join(", ")}`);
    expect([maySleepUntil(execution, storyStartMs + 60_000), looks()]).toEqual([false, 1]);
  });
});

describe("an execution", () => {
  it("may leave memory until its next due time, and not when it has not begun or has ended", () => {
    const waiting = after("start {}, due a at x, later a/1/1");
    expect(maySleepUntil(waiting, storyStartMs + 59_999)).toBe(true);
    expect(maySleepUntil(waiting, storyStartMs + 60_000)).toBe(false);
    expect(maySleepUntil(after("start {}, cancel"), storyStartMs)).toBe(false);
    expect(maySleepUntil(beginStory(workflow).execution, storyStartMs)).toBe(false);
  });
});
