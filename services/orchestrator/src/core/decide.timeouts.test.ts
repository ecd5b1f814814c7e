import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

describe("the queue timeout", () => {
  const workflow = testWorkflow({
    retry: { jitter: false },
    steps: [{ id: "a", capability: "repo.collect", queueTimeout: "20s" }],
  });

  it("fails a step that no agent takes, naming step and capability, without a retry", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > wait 100
      > due a
          - step.queued a
          → timer step.queue_timed_out a +20100
      > due a
          = nothing
      > wait 20000
      > queue timed out a
          - step.failed a DEADLINE_EXCEEDED QUEUE_TIMEOUT: no agent took step a (capability repo.collect) within 20000 ms
          - execution.failed DEADLINE_EXCEEDED QUEUE_TIMEOUT in a: no agent took step a (capability repo.collect) within 20000 ms
          → ended FAILED +20100
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("runs on through failovers, from the first time that the step has had to wait", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > wait 1000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +1000
          → due a +1000
          → timer step.queue_timed_out a +21000
      > wait 5000
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +606000
      > queue timed out a
          = nothing
      > rejected a/1/2 full
          - step.failed_over a/1/2 from y because full, due +6000
          → due a +6000
          → timer step.queue_timed_out a +21000
      > due a
          - step.queued a
      > wait 15000
      > queue timed out a
          - step.failed a DEADLINE_EXCEEDED QUEUE_TIMEOUT: no agent took step a (capability repo.collect) within 20000 ms
          - execution.failed DEADLINE_EXCEEDED QUEUE_TIMEOUT in a: no agent took step a (capability repo.collect) within 20000 ms
          → ended FAILED +21000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("begins anew for a new attempt, and when an agent was lost that had taken it", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a
          - step.queued a
          → timer step.queue_timed_out a +20000
      > wait 1000
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +601000
      > lost a/1/1 crash
          - step.interrupted a/1/1 at x because crash
          → due a +1000
      > due a
          - step.queued a
          → timer step.queue_timed_out a +21000
      > queue timed out a until +20000
          = nothing
      > due a at x
          - step.started a/1/2 at x
          → send a/1/2 to x {} until +601000
      > failed a/1/2 UNAVAILABLE
          - step.attempt_failed a/1/2 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +1500
          → cancel a/1/2 at x because a new attempt takes its place
          → due a +1500
      > wait 500
      > due a
          - step.queued a
          → timer step.queue_timed_out a +21500
      > queue timed out a until +21000
          = nothing
      > wait 20000
      > queue timed out a
          - step.failed a DEADLINE_EXCEEDED QUEUE_TIMEOUT: no agent took step a (capability repo.collect) within 20000 ms
          - execution.failed DEADLINE_EXCEEDED QUEUE_TIMEOUT in a: no agent took step a (capability repo.collect) within 20000 ms
          → ended FAILED +21500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is nothing to a step that runs, that has none, or that is not there", () => {
    const calm = testWorkflow({ steps: [{ id: "a" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a
          - step.queued a
      > queue timed out a
          = nothing
      > queue timed out a until +1
          = nothing
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > queue timed out a
          = nothing
    `;
    expect(told(calm, story)).toBe(story);
  });
});

describe("the heartbeat timeout", () => {
  const workflow = testWorkflow({
    retry: { jitter: false, maxAttempts: 2 },
    steps: [{ id: "a", heartbeatTimeout: "5s" }],
  });

  it("gives the attempt up, and the next one has a new send", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > wait 5000
      > heartbeat missed a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED HEARTBEAT_TIMEOUT: attempt 1 made no progress for 5000 ms
          - step.retry_scheduled a/2 due +5500
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +5500
      > heartbeat missed a/1/1
          = nothing
      > wait 500
      > due a at y
          - step.started a/2/2 at y
          → send a/2/2 to y {} until +605500
      > heartbeat missed a/1/1
          = nothing
      > heartbeat missed a/2/2
          - step.attempt_failed a/2/2 DEADLINE_EXCEEDED HEARTBEAT_TIMEOUT: attempt 2 made no progress for 5000 ms
          - step.failed a DEADLINE_EXCEEDED HEARTBEAT_TIMEOUT: attempt 2 made no progress for 5000 ms
          - execution.failed DEADLINE_EXCEEDED HEARTBEAT_TIMEOUT in a: attempt 2 made no progress for 5000 ms
          → cancel a/2/2 at y because the step failed
          → ended FAILED +5500
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("a timer that was armed before its deadline moved", () => {
  it("changes nothing", () => {
    const workflow = testWorkflow({
      timeout: "1h",
      steps: [{ id: "a", timeout: "1m", queueTimeout: "20s" }, { id: "b" }],
    });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +3600000
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +60000
      > timed out a/1/1 until +59999
          = nothing
      > time is up until +1
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
