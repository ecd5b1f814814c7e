import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: { maxAttempts: 1 },
  steps: [{ id: "a" }, { id: "b" }, { id: "c", dependsOn: ["a"] }],
});

describe("cancel", () => {
  it("stops what runs and what waits, tells their agents why, and is durable as one", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > due b
          - step.queued b
      > wait 5
      > cancel because the input was wrong
          - execution.cancel_requested by ada because the input was wrong
          - step.cancelled a
          - step.cancelled b
          - execution.cancelled because the input was wrong
          → cancel a/1/1 at x because the input was wrong
          → ended CANCELLED +5
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("again changes nothing, and neither does what comes after it", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > cancel because once
          - execution.cancel_requested by ada because once
          - step.cancelled a
          - step.cancelled b
          - execution.cancelled because once
          → cancel a/1/1 at x because once
          → ended CANCELLED +0
      > cancel because twice
          = nothing
      > succeeded a/1/1 "too late"
          - step.succeeded_late a/1/1 "too late"
      > failed a/1/1 CANCELLED
          = nothing
      > timed out a/1/1
          = nothing
      > lost a/1/1 crash
          = nothing
      > rejected a/1/1 full
          = nothing
      > due b at x
          = nothing
      > time is up
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("without a reason gives the agents one", () => {
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
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is refused after another end", () => {
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
      > failed a/1/1 INVALID_ARGUMENT
          - step.attempt_failed a/1/1 INVALID_ARGUMENT: it broke
          - step.failed a INVALID_ARGUMENT: it broke
          - step.cancelled b
          - execution.failed INVALID_ARGUMENT in a: it broke
          → cancel a/1/1 at x because the step failed
          → cancel b/1/1 at x because the execution failed
          → ended FAILED +0
      > cancel
          ! EXECUTION_ENDED: the execution has already ended as FAILED
    `;
    expect(told(workflow, story)).toBe(story);
    const success = `
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
    expect(told(testWorkflow({ steps: [{ id: "a" }] }), success)).toBe(success);
  });
});
