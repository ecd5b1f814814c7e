import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const one = testWorkflow({ retry: { jitter: false }, steps: [{ id: "a" }] });

describe("a pause", () => {
  it("lets what runs run on without a deadline, sends nothing new, and moves every deadline when it ends", () => {
    const workflow = testWorkflow({
      timeout: "1h",
      steps: [{ id: "a", timeout: "1m" }, { id: "b", dependsOn: ["a"] }, { id: "c" }],
    });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +3600000
          → due a +0
          → due c +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +60000
      > wait 10000
      > pause because we deploy
          - execution.paused by ada because we deploy
          → extend a/1/1 until resumed
      > due c at x
          = nothing
      > wait 100000
      > timed out a/1/1
          = nothing
      > time is up
          = nothing
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
      > due b at x
          = nothing
      > resume
          - execution.resumed by ada
          → timer execution.timed_out +3700000
          → due c +0
          → due b +110000
      > time is up until +3600000
          = nothing
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +710000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("tells agents when their time stands still and how much of it is left after", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > wait 1000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > wait 5000
      > resume
          - execution.resumed by ada
          → extend a/1/1 until +605000
      > timed out a/1/1 until +600000
          = nothing
      > timed out a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 600000 ms
          - step.retry_scheduled a/2 due +6500
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +6500
    `;
    expect(told(one, story)).toBe(story);
  });

  it("is asked for twice without harm, and so is its end", () => {
    const story = `
      > resume
          = nothing
      > pause
          = nothing
      > start {}
          - execution.started {}
          → due a +0
      > resume
          = nothing
      > pause because once
          - execution.paused by ada because once
      > pause because twice
          = nothing
      > resume
          - execution.resumed by ada
          → due a +0
      > resume
          = nothing
      > cancel
          - execution.cancel_requested by ada
          - step.cancelled a
          - execution.cancelled
          → ended CANCELLED +0
      > pause
          ! EXECUTION_ENDED: the execution has already ended as CANCELLED
      > resume
          ! EXECUTION_ENDED: the execution has already ended as CANCELLED
    `;
    expect(told(one, story)).toBe(story);
  });

  it("does not move a deadline back when the clock was set back meanwhile", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > wait -3600000
      > resume
          - execution.resumed by ada
          → extend a/1/1 until +600000
    `;
    expect(told(one, story)).toBe(story);
  });

  it("stops the wait for an agent, and with it the queue timeout", () => {
    const workflow = testWorkflow({ steps: [{ id: "a", queueTimeout: "20s" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a
          - step.queued a
          → timer step.queue_timed_out a +20000
      > wait 5000
      > pause
          - execution.paused by ada
      > wait 60000
      > queue timed out a
          = nothing
      > due a at x
          = nothing
      > resume
          - execution.resumed by ada
          → due a +0
          → timer step.queue_timed_out a +80000
      > queue timed out a until +20000
          = nothing
      > wait 15000
      > queue timed out a
          - step.failed a DEADLINE_EXCEEDED QUEUE_TIMEOUT: no agent took step a (capability work) within 20000 ms
          - execution.failed DEADLINE_EXCEEDED QUEUE_TIMEOUT in a: no agent took step a (capability work) within 20000 ms
          → ended FAILED +80000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("does not count against a step that comes back from its agent meanwhile", () => {
    const workflow = testWorkflow({ steps: [{ id: "a", queueTimeout: "20s" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > wait 60000
      > rejected a/1/1 draining
          - step.failed_over a/1/1 from x because draining, due +60000
      > wait 1000
      > resume
          - execution.resumed by ada
          → due a +60000
          → timer step.queue_timed_out a +81000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("leaves a retry until it ends: the backoff itself runs on, and the deadline that caps it moves", () => {
    const workflow = testWorkflow({
      timeout: "10s",
      steps: [{ id: "a", timeout: "5s", retry: { jitter: false, initialDelay: "1s" } }],
    });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +10000
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +5000
      > wait 1000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > wait 60000
      > failed a/1/1 UNAVAILABLE
          - step.attempt_failed a/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +62000
          → cancel a/1/1 at x because a new attempt takes its place
      > wait 5000
      > due a at x
          = nothing
      > resume
          - execution.resumed by ada
          → timer execution.timed_out +75000
          → due a +62000
      > due a at x
          - step.started a/2/2 at x
          → send a/2/2 to x {} until +71000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("does not hide that an agent was lost or makes no progress", () => {
    const workflow = testWorkflow({
      retry: { jitter: false },
      steps: [{ id: "a", heartbeatTimeout: "5s" }, { id: "b" }],
    });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > due b at y
          - step.started b/1/1 at y {}
          → send b/1/1 to y {} until +600000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
          → extend b/1/1 until resumed
      > wait 5000
      > heartbeat missed a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED HEARTBEAT_TIMEOUT: attempt 1 made no progress for 5000 ms
          - step.retry_scheduled a/2 due +5500
          → cancel a/1/1 at x because a new attempt takes its place
      > lost b/1/1 crash
          - step.interrupted b/1/1 at y because crash
      > resume
          - execution.resumed by ada
          → due a +5500
          → due b +5000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is over for an execution that succeeds, fails or is cancelled meanwhile", () => {
    const success = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
          - execution.succeeded {"a":1}
          → ended SUCCEEDED +0
      > resume
          ! EXECUTION_ENDED: the execution has already ended as SUCCEEDED
    `;
    expect(told(one, success)).toBe(success);
    const failure = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > failed a/1/1 NOT_FOUND
          - step.attempt_failed a/1/1 NOT_FOUND: it broke
          - step.failed a NOT_FOUND: it broke
          - execution.failed NOT_FOUND in a: it broke
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(one, failure)).toBe(failure);
    const cancel = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > pause
          - execution.paused by ada
          → extend a/1/1 until resumed
      > cancel because it stays broken
          - execution.cancel_requested by ada because it stays broken
          - step.cancelled a
          - execution.cancelled because it stays broken
          → cancel a/1/1 at x because it stays broken
          → ended CANCELLED +0
      > resume
          ! EXECUTION_ENDED: the execution has already ended as CANCELLED
    `;
    expect(told(one, cancel)).toBe(cancel);
  });

  it("lets a skip go through, but no condition is looked at before it ends", () => {
    const workflow = testWorkflow({
      onFailure: "continue",
      retry: "none",
      steps: [
        { id: "bad" },
        { id: "lost", dependsOn: ["bad"] },
        { id: "report", join: "done", dependsOn: ["lost"] },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due bad +0
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > pause
          - execution.paused by ada
          → extend bad/1/1 until resumed
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.skipped lost because of upstream
          → cancel bad/1/1 at x because the step failed
      > due report at x
          = nothing
      > resume
          - execution.resumed by ada
          → due report +0
      > due report at x
          - step.started report/1/1 at x {}
          → send report/1/1 to x {} until +600000
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
