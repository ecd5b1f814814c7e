import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: { jitter: false, maxAttempts: 2 },
  steps: [{ id: "a" }, { id: "b" }],
});

describe("a success that comes too late", () => {
  it("is recorded once after a cancel, from whichever send, and changes nothing", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +0
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled a
          - step.cancelled b
          - execution.cancelled
          → cancel a/1/2 at y because the execution was cancelled
          → ended CANCELLED +0
      > succeeded a/1/1 "done"
          - step.succeeded_late a/1/1 "done"
      > succeeded a/1/1 "done"
          = nothing
      > succeeded a/1/2 "done again"
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is recorded after the step has failed, also from an earlier attempt", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > timed out a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 600000 ms
          - step.retry_scheduled a/2 due +500
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +500
      > wait 500
      > due a at y
          - step.started a/2/2 at y
          → send a/2/2 to y {} until +600500
      > succeeded a/1/1 "done"
          = nothing
      > timed out a/2/2
          - step.attempt_failed a/2/2 DEADLINE_EXCEEDED TIMEOUT: attempt 2 did not end within 600000 ms
          - step.failed a DEADLINE_EXCEEDED TIMEOUT: attempt 2 did not end within 600000 ms
          - step.cancelled b
          - execution.failed DEADLINE_EXCEEDED TIMEOUT in a: attempt 2 did not end within 600000 ms
          → cancel a/2/2 at y because the step failed
          → ended FAILED +500
      > succeeded a/1/1 "done"
          - step.succeeded_late a/1/1 "done"
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is recorded while the rest of the execution goes on", () => {
    const onward = testWorkflow({ onFailure: "continue", retry: "none", steps: [{ id: "a" }, { id: "b" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +600000
      > timed out a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 600000 ms
          - step.failed a DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 600000 ms
          → cancel a/1/1 at x because the step failed
      > succeeded a/1/1 "done"
          - step.succeeded_late a/1/1 "done"
      > succeeded b/1/1 2
          - step.succeeded b/1/1 2
          - execution.failed DEADLINE_EXCEEDED TIMEOUT in a: attempt 1 did not end within 600000 ms
          → ended FAILED +0
    `;
    expect(told(onward, story)).toBe(story);
  });

  it("is not recorded from a send that was never made, or of a step that was never sent", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled a
          - step.cancelled b
          - execution.cancelled
          → cancel a/1/1 at x because the execution was cancelled
          → ended CANCELLED +0
      > succeeded a/1/2 1
          = nothing
      > succeeded a/2/1 1
          = nothing
      > succeeded a/0/1 1
          = nothing
      > succeeded a/1/0 1
          = nothing
      > succeeded b/1/1 1
          = nothing
      > succeeded nowhere/1/1 1
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is not recorded for a step that has succeeded", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > lost a/1/1 its session was cut
          - step.interrupted a/1/1 at x because its session was cut
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > succeeded a/1/2 "first"
          - step.succeeded a/1/2 "first"
      > succeeded a/1/1 "second"
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("a cancel and a result that cross", () => {
  const alone = testWorkflow({ steps: [{ id: "a" }] });

  it("the result first: the execution has ended, and the cancel is refused", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
          - execution.succeeded {"a":1}
          → ended SUCCEEDED +0
      > cancel
          ! EXECUTION_ENDED: the execution has already ended as SUCCEEDED
    `;
    expect(told(alone, story)).toBe(story);
  });

  it("the cancel first: it is cancelled, and the result is on record as late", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled a
          - execution.cancelled
          → cancel a/1/1 at x because the execution was cancelled
          → ended CANCELLED +0
      > succeeded a/1/1 1
          - step.succeeded_late a/1/1 1
    `;
    expect(told(alone, story)).toBe(story);
  });

  it("the result of one of two first: that step has succeeded, the other is cancelled", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +600000
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled b
          - execution.cancelled
          → cancel b/1/1 at x because the execution was cancelled
          → ended CANCELLED +0
      > succeeded b/1/1 2
          - step.succeeded_late b/1/1 2
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
