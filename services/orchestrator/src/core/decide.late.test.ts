import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: { jitter: false },
  steps: [{ id: "a" }, { id: "b", dependsOn: ["a"] }],
});

describe("late and duplicate facts", () => {
  it("a second start and a second answer change nothing", () => {
    const story = `
      > start {"n":1}
          - execution.started {"n":1}
          → due a +0
      > start {"n":2}
          = nothing
      > due a at x
          - step.started a/1/1 at x {"n":1}
          → send a/1/1 to x {"n":1} until +600000
      > due a at y
          = nothing
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
          → due b +0
      > succeeded a/1/1 1
          = nothing
      > failed a/1/1 INTERNAL
          = nothing
      > timed out a/1/1
          = nothing
      > rejected a/1/1 full
          = nothing
      > lost a/1/1 crash
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("a success of an old attempt changes nothing, whether the new one backs off or runs", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > timed out a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 600000 ms
          - step.retry_scheduled a/2 due +500
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +500
      > succeeded a/1/1 "old"
          = nothing
      > wait 500
      > due a at y
          - step.started a/2/2 at y
          → send a/2/2 to y {} until +600500
      > succeeded a/1/1 "old"
          = nothing
      > succeeded a/2/2 "new"
          - step.succeeded a/2/2 "new"
          → due b +500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("a success of an earlier send of this attempt counts, and stops the current send", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > lost a/1/1 its session was cut
          - step.interrupted a/1/1 at x because its session was cut
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > succeeded a/1/1 "done after all"
          - step.succeeded a/1/1 "done after all"
          → cancel a/1/2 at y because another agent was faster
          → due b +0
      > succeeded a/1/2 "done twice"
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("a success of an earlier send counts also while the step waits to be sent again", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > lost a/1/1 its session was cut
          - step.interrupted a/1/1 at x because its session was cut
          → due a +0
      > due a
          - step.queued a
      > succeeded a/1/1 "done after all"
          - step.succeeded a/1/1 "done after all"
          → due b +0
      > due a at y
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("anything but a success counts from the current send only", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +0
          → due a +0
      > rejected a/1/1 full
          = nothing
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > failed a/1/1 INTERNAL
          = nothing
      > timed out a/1/1
          = nothing
      > rejected a/1/1 full
          = nothing
      > lost a/1/1 crash
          = nothing
      > failed a/2/2 INTERNAL
          = nothing
      > failed a/1/2 UNAVAILABLE
          - step.attempt_failed a/1/2 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +500
          → cancel a/1/2 at y because a new attempt takes its place
          → due a +500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("facts of steps that are not there, not sent or not started change nothing", () => {
    const story = `
      > due a at x
          = nothing
      > succeeded a/1/1 1
          = nothing
      > finished
          = nothing
      > start {}
          - execution.started {}
          → due a +0
      > finished
          = nothing
      > due nowhere at x
          = nothing
      > succeeded nowhere/1/1 1
          = nothing
      > failed nowhere/1/1 INTERNAL
          = nothing
      > succeeded a/1/1 1
          = nothing
      > succeeded b/1/0 1
          = nothing
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/2 1
          = nothing
      > succeeded a/2/1 1
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("a step that finds no slot", () => {
  it("says so once, and starts when one is found", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a
          - step.queued a
      > due a
          = nothing
      > wait 30
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600030
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +30
          → due a +30
      > due a
          - step.queued a
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("starts also when the clock was set back since", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a
          - step.queued a
      > wait -3600000
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until -3000000
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
