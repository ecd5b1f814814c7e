import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

describe("onFailure: continue", () => {
  it("lets whatever does not depend on the failed step go on, and fails the execution in the end", () => {
    const onward = testWorkflow({
      onFailure: "continue",
      retry: "none",
      steps: [
        { id: "bad" },
        { id: "good" },
        { id: "lost", dependsOn: ["bad"] },
        { id: "last", dependsOn: ["good"] },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due bad +0
          → due good +0
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > due good at x
          - step.started good/1/1 at x {}
          → send good/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.skipped lost because of upstream
          → cancel bad/1/1 at x because the step failed
      > succeeded good/1/1 1
          - step.succeeded good/1/1 1
          → due last +0
      > due last at x
          - step.started last/1/1 at x {}
          → send last/1/1 to x {} until +600000
      > succeeded last/1/1 2
          - step.succeeded last/1/1 2
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(onward, story)).toBe(story);
  });

  it("names the first of several failures", () => {
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
      > failed b/1/1 NOT_FOUND
          - step.attempt_failed b/1/1 NOT_FOUND: it broke
          - step.failed b NOT_FOUND: it broke
          → cancel b/1/1 at x because the step failed
      > failed a/1/1 INTERNAL
          - step.attempt_failed a/1/1 INTERNAL: it broke
          - step.failed a INTERNAL: it broke
          - execution.failed NOT_FOUND in b: it broke
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(onward, story)).toBe(story);
  });
});

describe("an optional step", () => {
  it("that fails neither stops the others nor fails the execution", () => {
    const lenient = testWorkflow({
      retry: "none",
      steps: [{ id: "soft", optional: true }, { id: "hard" }],
    });
    const story = `
      > start {}
          - execution.started {}
          → due soft +0
          → due hard +0
      > due soft at x
          - step.started soft/1/1 at x {}
          → send soft/1/1 to x {} until +600000
      > due hard at x
          - step.started hard/1/1 at x {}
          → send hard/1/1 to x {} until +600000
      > failed soft/1/1 INTERNAL
          - step.attempt_failed soft/1/1 INTERNAL: it broke
          - step.failed soft INTERNAL: it broke
          → cancel soft/1/1 at x because the step failed
      > succeeded hard/1/1 1
          - step.succeeded hard/1/1 1
          - execution.succeeded {"soft":null,"hard":1}
          → ended SUCCEEDED +0
    `;
    expect(told(lenient, story)).toBe(story);
  });

  it("is cancelled by the failure of another like any step, and counts as failed then", () => {
    const mixed = testWorkflow({
      retry: "none",
      steps: [
        { id: "soft", optional: true },
        { id: "bad" },
        { id: "after", dependsOn: ["soft"] },
        { id: "cleanup", join: "done", dependsOn: ["after"] },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due soft +0
          → due bad +0
      > due soft at x
          - step.started soft/1/1 at x {}
          → send soft/1/1 to x {} until +600000
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.cancelled soft
          - step.skipped after because of upstream
          → cancel bad/1/1 at x because the step failed
          → cancel soft/1/1 at x because the execution failed
          → due cleanup +0
      > due cleanup at x
          - step.started cleanup/1/1 at x {}
          → send cleanup/1/1 to x {} until +600000
      > succeeded cleanup/1/1 1
          - step.succeeded cleanup/1/1 1
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(mixed, story)).toBe(story);
  });
});
