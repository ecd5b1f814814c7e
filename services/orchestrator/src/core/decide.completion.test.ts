import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: { jitter: false },
  steps: [
    { id: "ask", timeout: "1m" },
    { id: "act", dependsOn: ["ask"] },
  ],
});

describe("a handler that answers later", () => {
  it("is completed by whoever has the token, and what waits for it goes on", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > later ask/1/1
          = nothing
      > wait 30000
      > complete ask/1/1 with "yes"
          - step.succeeded ask/1/1 "yes"
          → due act +30000
      > due act at x
          - step.started act/1/1 at x {}
          → send act/1/1 to x {} until +630000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("may be completed before its own answer comes, which then changes nothing", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > complete ask/1/1 with "yes"
          - step.succeeded ask/1/1 "yes"
          → due act +0
      > later ask/1/1
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is completed once: the same again is no mistake, a contradiction is refused", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > complete ask/1/1 with "yes"
          - step.succeeded ask/1/1 "yes"
          → due act +0
      > complete ask/1/1 with "yes"
          = nothing
      > complete ask/1/1 as ABORTED
          ! STEP_NOT_WAITING: attempt 1 of step ask is not waiting to be completed: the step is SUCCEEDED
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("times out as any attempt, and the token of the old attempt is worth nothing then", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > wait 1000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > wait 59000
      > timed out ask/1/1
          - step.attempt_failed ask/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 60000 ms
          - step.retry_scheduled ask/2 due +60500
          → due ask +60500
      > complete ask/1/1 with "yes"
          ! STEP_NOT_WAITING: attempt 1 of step ask is not waiting to be completed: the step is RETRYING
      > wait 500
      > due ask at y
          - step.started ask/2/2 at y
          → send ask/2/2 to y {} until +120500
      > complete ask/1/1 with "yes"
          ! STEP_NOT_WAITING: attempt 1 of step ask is not waiting to be completed: the step is RUNNING
      > complete ask/2/2 with "yes"
          - step.succeeded ask/2/2 "yes"
          → due act +60500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("fails with a retry when it is completed with a failure that is worth one", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > complete ask/1/1 as UNAVAILABLE
          - step.attempt_failed ask/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled ask/2 due +500
          → due ask +500
      > wait 500
      > due ask at x
          - step.started ask/2/2 at x
          → send ask/2/2 to x {} until +60500
      > later ask/2/2
          - step.waiting ask/2/2
          → timer step.timed_out ask +60500
      > complete ask/2/2 as PERMISSION_DENIED
          - step.attempt_failed ask/2/2 PERMISSION_DENIED: it broke
          - step.failed ask PERMISSION_DENIED: it broke
          - execution.failed PERMISSION_DENIED in ask: it broke
          → ended FAILED +500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is refused for a token of no send that was made", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > complete ask/1/1 with 1
          ! TOKEN_INVALID: the token names no attempt that was made
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > complete ask/2/1 with 1
          ! TOKEN_INVALID: the token names no attempt that was made
      > complete ask/1/2 with 1
          ! TOKEN_INVALID: the token names no attempt that was made
      > complete nothing/1/1 with 1
          ! TOKEN_INVALID: the token names no attempt that was made
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is on record as late, once, when its step was given up; a failure then is refused", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled ask
          - execution.cancelled
          → ended CANCELLED +0
      > complete ask/1/1 as ABORTED
          ! STEP_NOT_WAITING: attempt 1 of step ask is not waiting to be completed: the step is CANCELLED
      > complete ask/1/1 with "yes"
          - step.succeeded_late ask/1/1 "yes"
      > complete ask/1/1 with "yes"
          = nothing
      > complete ask/1/1 as ABORTED
          ! STEP_NOT_WAITING: attempt 1 of step ask is not waiting to be completed: the step is CANCELLED
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is on record as late when its last attempt has timed out, from the token of any attempt", () => {
    const twice = testWorkflow({
      retry: { jitter: false, maxAttempts: 2 },
      steps: [{ id: "ask", timeout: "1m" }],
    });
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > timed out ask/1/1
          - step.attempt_failed ask/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 60000 ms
          - step.retry_scheduled ask/2 due +500
          → due ask +500
      > wait 500
      > due ask at x
          - step.started ask/2/2 at x
          → send ask/2/2 to x {} until +60500
      > later ask/2/2
          - step.waiting ask/2/2
          → timer step.timed_out ask +60500
      > timed out ask/2/2
          - step.attempt_failed ask/2/2 DEADLINE_EXCEEDED TIMEOUT: attempt 2 did not end within 60000 ms
          - step.failed ask DEADLINE_EXCEEDED TIMEOUT: attempt 2 did not end within 60000 ms
          - execution.failed DEADLINE_EXCEEDED TIMEOUT in ask: attempt 2 did not end within 60000 ms
          → ended FAILED +500
      > complete ask/3/3 with "yes"
          ! TOKEN_INVALID: the token names no attempt that was made
      > complete ask/1/1 with "yes"
          - step.succeeded_late ask/1/1 "yes"
      > complete ask/2/2 with "yes"
          = nothing
    `;
    expect(told(twice, story)).toBe(story);
  });

  it("is lost with no agent: neither a lost one nor a missed heartbeat nor a refusal concerns it", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > lost ask/1/1 crash
          = nothing
      > heartbeat missed ask/1/1
          = nothing
      > rejected ask/1/1 full
          = nothing
      > complete ask/1/1 with 1
          - step.succeeded ask/1/1 1
          → due act +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("waits through a pause without a timeout, and can be completed meanwhile", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > wait 1000
      > later ask/1/1
          - step.waiting ask/1/1
          → timer step.timed_out ask +60000
      > pause
          - execution.paused by ada
      > wait 100000
      > timed out ask/1/1
          = nothing
      > resume
          - execution.resumed by ada
          → timer step.timed_out ask +160000
      > timed out ask/1/1 until +60000
          = nothing
      > pause
          - execution.paused by ada
      > complete ask/1/1 with 1
          - step.succeeded ask/1/1 1
      > resume
          - execution.resumed by ada
          → due act +101000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("may say so during a pause", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > pause
          - execution.paused by ada
          → extend ask/1/1 until resumed
      > wait 1000
      > later ask/1/1
          - step.waiting ask/1/1
      > resume
          - execution.resumed by ada
          → timer step.timed_out ask +61000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("counts from the send that is out alone, but a completion counts from any send of the attempt", () => {
    const story = `
      > start {}
          - execution.started {}
          → due ask +0
      > due ask at x
          - step.started ask/1/1 at x {}
          → send ask/1/1 to x {} until +60000
      > lost ask/1/1 its session was cut
          - step.interrupted ask/1/1 at x because its session was cut
          → due ask +0
      > due ask at y
          - step.started ask/1/2 at y
          → send ask/1/2 to y {} until +60000
      > later ask/1/1
          = nothing
      > complete ask/1/1 with 1
          - step.succeeded ask/1/1 1
          → cancel ask/1/2 at y because another agent was faster
          → due act +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
