import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({
  retry: "none",
  steps: [
    { id: "make" },
    { id: "bad" },
    { id: "next", dependsOn: ["make"] },
    { id: "cleanup", join: "done", dependsOn: ["make", "bad"] },
    { id: "told", dependsOn: ["cleanup"] },
  ],
});

describe("a failure, with steps that join done", () => {
  it("cancels the rest, lets the cleanup and what follows from it run, and then fails the execution", () => {
    const story = `
      > start {}
          - execution.started {}
          → due make +0
          → due bad +0
      > due make at x
          - step.started make/1/1 at x {}
          → send make/1/1 to x {} until +600000
      > due bad at y
          - step.started bad/1/1 at y {}
          → send bad/1/1 to y {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.cancelled make
          - step.skipped next because of upstream
          → cancel bad/1/1 at y because the step failed
          → cancel make/1/1 at x because the execution failed
          → due cleanup +0
      > succeeded make/1/1 "too late"
          - step.succeeded_late make/1/1 "too late"
      > due next at x
          = nothing
      > due cleanup at x
          - step.started cleanup/1/1 at x {}
          → send cleanup/1/1 to x {} until +600000
      > succeeded cleanup/1/1 "clean"
          - step.succeeded cleanup/1/1 "clean"
          → due told +0
      > due told at x
          - step.started told/1/1 at x {}
          → send told/1/1 to x {} until +600000
      > succeeded told/1/1 "told"
          - step.succeeded told/1/1 "told"
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("keeps its first failure when the cleanup fails too, and skips what follows from it", () => {
    const story = `
      > start {}
          - execution.started {}
          → due make +0
          → due bad +0
      > due make at x
          - step.started make/1/1 at x {}
          → send make/1/1 to x {} until +600000
      > due bad at y
          - step.started bad/1/1 at y {}
          → send bad/1/1 to y {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.cancelled make
          - step.skipped next because of upstream
          → cancel bad/1/1 at y because the step failed
          → cancel make/1/1 at x because the execution failed
          → due cleanup +0
      > due cleanup at x
          - step.started cleanup/1/1 at x {}
          → send cleanup/1/1 to x {} until +600000
      > failed cleanup/1/1 NOT_FOUND
          - step.attempt_failed cleanup/1/1 NOT_FOUND: it broke
          - step.failed cleanup NOT_FOUND: it broke
          - step.skipped told because of upstream
          - execution.failed INTERNAL in bad: it broke
          → cancel cleanup/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("runs the cleanup though nothing of what it waits for ever ran", () => {
    const idle = testWorkflow({
      retry: "none",
      steps: [
        { id: "bad" },
        { id: "make", dependsOn: ["bad"] },
        { id: "cleanup", join: "done", dependsOn: ["make"] },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due bad +0
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.skipped make because of upstream
          → cancel bad/1/1 at x because the step failed
          → due cleanup +0
      > due cleanup at x
          - step.started cleanup/1/1 at x {}
          → send cleanup/1/1 to x {} until +600000
      > succeeded cleanup/1/1 null
          - step.succeeded cleanup/1/1 null
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(idle, story)).toBe(story);
  });

  it("does not cancel a cleanup that runs already, and ends at once when none is left", () => {
    const side = testWorkflow({
      retry: "none",
      steps: [{ id: "watch", join: "done" }, { id: "bad" }, { id: "worse" }],
    });
    const story = `
      > start {}
          - execution.started {}
          → due watch +0
          → due bad +0
          → due worse +0
      > due watch at x
          - step.started watch/1/1 at x {}
          → send watch/1/1 to x {} until +600000
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > due worse at x
          - step.started worse/1/1 at x {}
          → send worse/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.cancelled worse
          → cancel bad/1/1 at x because the step failed
          → cancel worse/1/1 at x because the execution failed
      > failed worse/1/1 INTERNAL
          = nothing
      > succeeded watch/1/1 "seen"
          - step.succeeded watch/1/1 "seen"
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(side, story)).toBe(story);
    const early = `
      > start {}
          - execution.started {}
          → due watch +0
          → due bad +0
          → due worse +0
      > due watch at x
          - step.started watch/1/1 at x {}
          → send watch/1/1 to x {} until +600000
      > succeeded watch/1/1 "seen"
          - step.succeeded watch/1/1 "seen"
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.cancelled worse
          - execution.failed INTERNAL in bad: it broke
          → cancel bad/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(side, early)).toBe(early);
  });

  it("retries a cleanup, and the execution's timeout stops it like anything else", () => {
    const timed = testWorkflow({
      timeout: "1m",
      steps: [
        { id: "bad", timeout: "10s", retry: "none" },
        { id: "cleanup", join: "done", dependsOn: ["bad"], timeout: "10s", retry: { jitter: false } },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → timer execution.timed_out +60000
          → due bad +0
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +10000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          → cancel bad/1/1 at x because the step failed
          → due cleanup +0
      > due cleanup at x
          - step.started cleanup/1/1 at x {}
          → send cleanup/1/1 to x {} until +10000
      > failed cleanup/1/1 UNAVAILABLE
          - step.attempt_failed cleanup/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled cleanup/2 due +500
          → cancel cleanup/1/1 at x because a new attempt takes its place
          → due cleanup +500
      > wait 500
      > due cleanup at x
          - step.started cleanup/2/2 at x
          → send cleanup/2/2 to x {} until +10500
      > wait 60000
      > time is up
          - execution.timed_out
          - step.cancelled cleanup
          - execution.failed DEADLINE_EXCEEDED TIMEOUT: the execution did not end within 60000 ms
          → cancel cleanup/2/2 at x because the execution failed
          → ended FAILED +60500
    `;
    expect(told(timed, story)).toBe(story);
  });

  it("gives way to a cancel while the cleanup runs", () => {
    const story = `
      > start {}
          - execution.started {}
          → due make +0
          → due bad +0
      > due bad at y
          - step.started bad/1/1 at y {}
          → send bad/1/1 to y {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.cancelled make
          - step.skipped next because of upstream
          → cancel bad/1/1 at y because the step failed
          → due cleanup +0
      > due cleanup at x
          - step.started cleanup/1/1 at x {}
          → send cleanup/1/1 to x {} until +600000
      > cancel because enough
          - execution.cancel_requested by ada because enough
          - step.cancelled cleanup
          - execution.cancelled because enough
          → cancel cleanup/1/1 at x because enough
          → ended CANCELLED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("ends at once when the cleanup was skipped before by its own condition", () => {
    const skipped = testWorkflow({
      retry: "none",
      steps: [
        { id: "watch", join: "done", when: "${input.watched}" },
        { id: "bad" },
        { id: "next", dependsOn: ["bad"] },
      ],
    });
    const story = `
      > start {"watched":false}
          - execution.started {"watched":false}
          → due watch +0
          → due bad +0
      > due watch
          - step.skipped watch because of condition
      > due bad at x
          - step.started bad/1/1 at x {"watched":false}
          → send bad/1/1 to x {"watched":false} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - execution.failed INTERNAL in bad: it broke
          → cancel bad/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(skipped, story)).toBe(story);
  });
});
