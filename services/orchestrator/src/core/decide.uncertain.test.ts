import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  steps: [{ id: "pay", atMostOnce: true, heartbeatTimeout: "5s", retry: { jitter: false } }],
});

describe("a step that must not run twice", () => {
  it("fails when its agent is lost: nobody knows whether it has run", () => {
    const story = `
      > start {}
          - execution.started {}
          → due pay +0
      > due pay at x
          - step.started pay/1/1 at x {}
          → send pay/1/1 to x {} until +600000
      > lost pay/1/1 its process died
          - step.interrupted pay/1/1 at x because its process died
          - step.failed pay ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (its process died), and it must not run twice
          - execution.failed ABORTED DELIVERY_UNCERTAIN in pay: it is uncertain whether the step has run (its process died), and it must not run twice
          → ended FAILED +0
      > due pay at y
          = nothing
      > succeeded pay/1/1 "paid"
          - step.succeeded_late pay/1/1 "paid"
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("fails when it takes too long", () => {
    const story = `
      > start {}
          - execution.started {}
          → due pay +0
      > due pay at x
          - step.started pay/1/1 at x {}
          → send pay/1/1 to x {} until +600000
      > wait 600000
      > timed out pay/1/1
          - step.attempt_failed pay/1/1 ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (attempt 1 did not end within 600000 ms), and it must not run twice
          - step.failed pay ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (attempt 1 did not end within 600000 ms), and it must not run twice
          - execution.failed ABORTED DELIVERY_UNCERTAIN in pay: it is uncertain whether the step has run (attempt 1 did not end within 600000 ms), and it must not run twice
          → cancel pay/1/1 at x because the step failed
          → ended FAILED +600000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("fails when it makes no progress", () => {
    const story = `
      > start {}
          - execution.started {}
          → due pay +0
      > due pay at x
          - step.started pay/1/1 at x {}
          → send pay/1/1 to x {} until +600000
      > wait 5000
      > heartbeat missed pay/1/1
          - step.attempt_failed pay/1/1 ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (attempt 1 made no progress for 5000 ms), and it must not run twice
          - step.failed pay ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (attempt 1 made no progress for 5000 ms), and it must not run twice
          - execution.failed ABORTED DELIVERY_UNCERTAIN in pay: it is uncertain whether the step has run (attempt 1 made no progress for 5000 ms), and it must not run twice
          → cancel pay/1/1 at x because the step failed
          → ended FAILED +5000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("fails when nobody completes it in time", () => {
    const story = `
      > start {}
          - execution.started {}
          → due pay +0
      > due pay at x
          - step.started pay/1/1 at x {}
          → send pay/1/1 to x {} until +600000
      > later pay/1/1
          - step.waiting pay/1/1
          → timer step.timed_out pay +600000
      > wait 600000
      > timed out pay/1/1
          - step.attempt_failed pay/1/1 ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (attempt 1 did not end within 600000 ms), and it must not run twice
          - step.failed pay ABORTED DELIVERY_UNCERTAIN: it is uncertain whether the step has run (attempt 1 did not end within 600000 ms), and it must not run twice
          - execution.failed ABORTED DELIVERY_UNCERTAIN in pay: it is uncertain whether the step has run (attempt 1 did not end within 600000 ms), and it must not run twice
          → ended FAILED +600000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("may be tried again when its handler says that it failed", () => {
    const story = `
      > start {}
          - execution.started {}
          → due pay +0
      > due pay at x
          - step.started pay/1/1 at x {}
          → send pay/1/1 to x {} until +600000
      > failed pay/1/1 UNAVAILABLE
          - step.attempt_failed pay/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled pay/2 due +500
          → cancel pay/1/1 at x because a new attempt takes its place
          → due pay +500
      > wait 500
      > due pay at y
          - step.started pay/2/2 at y
          → send pay/2/2 to y {} until +600500
      > succeeded pay/2/2 "paid"
          - step.succeeded pay/2/2 "paid"
          - execution.succeeded {"pay":"paid"}
          → ended SUCCEEDED +500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("goes elsewhere when an agent did not take it", () => {
    const story = `
      > start {}
          - execution.started {}
          → due pay +0
      > due pay at x
          - step.started pay/1/1 at x {}
          → send pay/1/1 to x {} until +600000
      > rejected pay/1/1 full
          - step.failed_over pay/1/1 from x because full, due +0
          → due pay +0
      > due pay at y
          - step.started pay/1/2 at y
          → send pay/1/2 to y {} until +600000
      > succeeded pay/1/2 "paid"
          - step.succeeded pay/1/2 "paid"
          - execution.succeeded {"pay":"paid"}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
