import { describe, expect, it } from "vitest";
import { beginStory, testWorkflow, told } from "./transcript.fixture.ts";

function oneStep(step: Record<string, string | { [key: string]: string | number | boolean | string[] }>) {
  return testWorkflow({ steps: [{ id: "a", ...step }] });
}

describe("retry", () => {
  it("standard: three attempts, each delay longer and spread, then the step fails", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 UNAVAILABLE
          - step.attempt_failed a/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +468
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +468
      > due a at x
          = nothing
      > wait 1000
      > due a at x
          - step.started a/2/2 at x
          → send a/2/2 to x {} until +601000
      > failed a/2/2 INTERNAL
          - step.attempt_failed a/2/2 INTERNAL: it broke
          - step.retry_scheduled a/3 due +2225
          → cancel a/2/2 at x because a new attempt takes its place
          → due a +2225
      > wait 2000
      > due a at x
          - step.started a/3/3 at x
          → send a/3/3 to x {} until +603000
      > failed a/3/3 UNAVAILABLE
          - step.attempt_failed a/3/3 UNAVAILABLE: it broke
          - step.failed a UNAVAILABLE: it broke
          - execution.failed UNAVAILABLE in a: it broke
          → cancel a/3/3 at x because the step failed
          → ended FAILED +3000
    `;
    expect(told(oneStep({}), story)).toBe(story);
  });

  it("takes the jitter from the attempt's id: the same story again has the same delays, another run others", () => {
    const workflow = oneStep({});
    const script = "> start {}\n> due a at x\n> failed a/1/1 UNKNOWN";
    const due = (id: string) =>
      /retry_scheduled a\/2 due \+(\d+)/.exec(told(beginStory(workflow, id), script))?.[1];
    expect(["e1", "e1", "e2", "e3"].map(due)).toEqual(["468", "468", "508", "579"]);
  });

  it("conservative: two attempts, without spread", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 RESOURCE_EXHAUSTED
          - step.attempt_failed a/1/1 RESOURCE_EXHAUSTED: it broke
          - step.retry_scheduled a/2 due +1000
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +1000
      > wait 999
      > due a at x
          = nothing
      > wait 1
      > due a at x
          - step.started a/2/2 at x
          → send a/2/2 to x {} until +601000
      > failed a/2/2 RESOURCE_EXHAUSTED
          - step.attempt_failed a/2/2 RESOURCE_EXHAUSTED: it broke
          - step.failed a RESOURCE_EXHAUSTED: it broke
          - execution.failed RESOURCE_EXHAUSTED in a: it broke
          → cancel a/2/2 at x because the step failed
          → ended FAILED +1000
    `;
    expect(told(oneStep({ retry: "conservative" }), story)).toBe(story);
  });

  it("none: the first failure is the last", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 UNAVAILABLE
          - step.attempt_failed a/1/1 UNAVAILABLE: it broke
          - step.failed a UNAVAILABLE: it broke
          - execution.failed UNAVAILABLE in a: it broke
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(oneStep({ retry: "none" }), story)).toBe(story);
  });

  it.each([
    ["a code that another attempt does not mend", "INVALID_ARGUMENT", {}],
    ["a failure that says so itself", 'UNAVAILABLE {"retryable":false}', {}],
    ["a code of notOn", 'ABORTED {"retryable":true}', { retry: { notOn: ["ABORTED"] } }],
    ["a code that is not of on", "ABORTED", { retry: { on: ["NOT_FOUND"] } }],
  ])("does not try again after %s", (_what, failure, step) => {
    const story = told(oneStep(step), `> start {}\n> due a at x\n> failed a/1/1 ${failure}\n`);
    expect(story).toContain("- step.attempt_failed a/1/1");
    expect(story).toContain("- step.failed a");
    expect(story).not.toContain("retry_scheduled");
  });

  it.each([
    ["a code of on that is not retried by default", "NOT_FOUND", { retry: { on: ["NOT_FOUND"] } }],
    ["a failure that says so itself", 'INVALID_ARGUMENT {"retryable":true}', {}],
  ])("tries again after %s", (_what, failure, step) => {
    const story = told(oneStep(step), `> start {}\n> due a at x\n> failed a/1/1 ${failure}\n`);
    expect(story).toContain("- step.retry_scheduled a/2");
  });

  it("obeys a retry-after", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 RESOURCE_EXHAUSTED {"retryAfterMs":45000}
          - step.attempt_failed a/1/1 RESOURCE_EXHAUSTED: it broke
          - step.retry_scheduled a/2 due +45000
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +45000
    `;
    expect(told(oneStep({}), story)).toBe(story);
  });

  it("caps a retry-after by the execution's deadline", () => {
    const workflow = testWorkflow({ timeout: "10s", steps: [{ id: "a", timeout: "5s" }] });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +10000
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +5000
      > wait 3000
      > failed a/1/1 RESOURCE_EXHAUSTED {"retryAfterMs":45000}
          - step.attempt_failed a/1/1 RESOURCE_EXHAUSTED: it broke
          - step.retry_scheduled a/2 due +10000
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +10000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("an attempt that takes too long is cancelled, counts as one, and its answer comes too late", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +90000
      > wait 90000
      > timed out a/1/1
          - step.attempt_failed a/1/1 DEADLINE_EXCEEDED TIMEOUT: attempt 1 did not end within 90000 ms
          - step.retry_scheduled a/2 due +91000
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +91000
      > wait 1000
      > due a at y
          - step.started a/2/2 at y
          → send a/2/2 to y {} until +181000
      > succeeded a/1/1 "late"
          = nothing
      > wait 90000
      > timed out a/2/2
          - step.attempt_failed a/2/2 DEADLINE_EXCEEDED TIMEOUT: attempt 2 did not end within 90000 ms
          - step.failed a DEADLINE_EXCEEDED TIMEOUT: attempt 2 did not end within 90000 ms
          - execution.failed DEADLINE_EXCEEDED TIMEOUT in a: attempt 2 did not end within 90000 ms
          → cancel a/2/2 at y because the step failed
          → ended FAILED +181000
    `;
    expect(told(oneStep({ timeout: "90s", retry: "conservative" }), story)).toBe(story);
  });

  it("a new attempt may have to wait for a slot", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 UNAVAILABLE
          - step.attempt_failed a/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +1000
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +1000
      > due a
          = nothing
      > wait 1000
      > due a
          - step.queued a
      > due a
          = nothing
      > wait 20
      > due a at x
          - step.started a/2/2 at x
          → send a/2/2 to x {} until +601020
    `;
    expect(told(oneStep({ retry: "conservative" }), story)).toBe(story);
  });
});
