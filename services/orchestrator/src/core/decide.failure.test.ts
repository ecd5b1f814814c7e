import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

describe("the failure of a step", () => {
  it("ends the execution early: what runs, backs off or waits is cancelled, and nothing new is sent", () => {
    const workflow = testWorkflow({
      retry: { jitter: false },
      steps: [
        { id: "bad", retry: "none" },
        { id: "runs" },
        { id: "retries" },
        { id: "waits" },
        { id: "done" },
        { id: "blocked", dependsOn: ["runs"] },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due bad +0
          → due runs +0
          → due retries +0
          → due waits +0
          → due done +0
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > due runs at y
          - step.started runs/1/1 at y {}
          → send runs/1/1 to y {} until +600000
      > due retries at z
          - step.started retries/1/1 at z {}
          → send retries/1/1 to z {} until +600000
      > due waits
          - step.queued waits
      > due done at z
          - step.started done/1/1 at z {}
          → send done/1/1 to z {} until +600000
      > succeeded done/1/1 1
          - step.succeeded done/1/1 1
      > failed retries/1/1 UNAVAILABLE
          - step.attempt_failed retries/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled retries/2 due +500
          → cancel retries/1/1 at z because a new attempt takes its place
          → due retries +500
      > failed bad/1/1 INTERNAL {"message":"disk is gone"}
          - step.attempt_failed bad/1/1 INTERNAL: disk is gone
          - step.failed bad INTERNAL: disk is gone
          - step.cancelled runs
          - step.cancelled retries
          - step.cancelled waits
          - execution.failed INTERNAL in bad: disk is gone
          → cancel bad/1/1 at x because the step failed
          → cancel runs/1/1 at y because the execution failed
          → ended FAILED +0
      > wait 1000
      > due waits at x
          = nothing
      > due retries at x
          = nothing
      > due blocked at x
          = nothing
      > succeeded runs/1/1 2
          - step.succeeded_late runs/1/1 2
      > failed runs/1/1 CANCELLED
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("in sequential mode leaves the later steps alone", () => {
    const workflow = testWorkflow({ mode: "sequential", retry: "none", steps: [{ id: "a" }, { id: "b" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 NOT_FOUND {"reason":"NO_SUCH_REPO"}
          - step.attempt_failed a/1/1 NOT_FOUND NO_SUCH_REPO: it broke
          - step.failed a NOT_FOUND NO_SUCH_REPO: it broke
          - execution.failed NOT_FOUND NO_SUCH_REPO in a: it broke
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("the timeout of an execution", () => {
  it("cancels what is active and fails it", () => {
    const workflow = testWorkflow({
      timeout: "1m",
      steps: [{ id: "a", timeout: "50s" }, { id: "b" }, { id: "c", dependsOn: ["a"] }],
    });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +60000
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +50000
      > wait 60000
      > time is up
          - execution.timed_out
          - step.cancelled a
          - step.cancelled b
          - execution.failed DEADLINE_EXCEEDED TIMEOUT: the execution did not end within 60000 ms
          → cancel a/1/1 at x because the execution failed
          → ended FAILED +60000
      > time is up
          = nothing
      > succeeded a/1/1 1
          - step.succeeded_late a/1/1 1
      > cancel
          ! EXECUTION_ENDED: the execution has already ended as FAILED
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("changes nothing after the end", () => {
    const workflow = testWorkflow({ timeout: "1m", steps: [{ id: "a", timeout: "50s" }] });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +60000
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +50000
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
          - execution.succeeded {"a":1}
          → ended SUCCEEDED +0
      > time is up
          = nothing
      > finished
          = nothing
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
