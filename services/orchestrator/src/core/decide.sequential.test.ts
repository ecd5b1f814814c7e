import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

function list(steps: readonly { [key: string]: string | boolean }[], onFailure = "fail") {
  return testWorkflow({ mode: "sequential", retry: "none", onFailure, steps });
}

describe("sequential mode", () => {
  it("goes on after a step that was skipped by its condition", () => {
    const story = `
      > start {"go":false}
          - execution.started {"go":false}
          → due a +0
      > due a
          - step.skipped a because of condition
          → due b +0
      > due b at x
          - step.started b/1/1 at x {"go":false}
          → send b/1/1 to x {"go":false} until +600000
      > succeeded b/1/1 2
          - step.succeeded b/1/1 2
          - execution.succeeded {"a":null,"b":2}
          → ended SUCCEEDED +0
    `;
    expect(told(list([{ id: "a", when: "${input.go}" }, { id: "b" }]), story)).toBe(story);
  });

  it("goes on after an optional step that failed", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 INTERNAL
          - step.attempt_failed a/1/1 INTERNAL: it broke
          - step.failed a INTERNAL: it broke
          → cancel a/1/1 at x because the step failed
          → due b +0
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +600000
      > succeeded b/1/1 2
          - step.succeeded b/1/1 2
          - execution.succeeded {"a":null,"b":2}
          → ended SUCCEEDED +0
    `;
    expect(told(list([{ id: "a", optional: true }, { id: "b" }]), story)).toBe(story);
  });

  it("ends at the first failure", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 INTERNAL
          - step.attempt_failed a/1/1 INTERNAL: it broke
          - step.failed a INTERNAL: it broke
          - execution.failed INTERNAL in a: it broke
          → cancel a/1/1 at x because the step failed
          → ended FAILED +0
      > due b at x
          = nothing
    `;
    expect(told(list([{ id: "a" }, { id: "b" }]), story)).toBe(story);
  });

  it("with onFailure: continue goes through the whole list, and fails", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > failed a/1/1 INTERNAL
          - step.attempt_failed a/1/1 INTERNAL: it broke
          - step.failed a INTERNAL: it broke
          → cancel a/1/1 at x because the step failed
          → due b +0
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +600000
      > succeeded b/1/1 2
          - step.succeeded b/1/1 2
          → due c +0
      > due c at x
          - step.started c/1/1 at x {}
          → send c/1/1 to x {} until +600000
      > failed c/1/1 NOT_FOUND
          - step.attempt_failed c/1/1 NOT_FOUND: it broke
          - step.failed c NOT_FOUND: it broke
          - execution.failed INTERNAL in a: it broke
          → cancel c/1/1 at x because the step failed
          → ended FAILED +0
    `;
    expect(told(list([{ id: "a" }, { id: "b" }, { id: "c" }], "continue"), story)).toBe(story);
  });
});

describe("parallel mode", () => {
  it("with onFailure: continue waits for all, and collects what there is by id", () => {
    const workflow = testWorkflow({
      mode: "parallel",
      retry: "none",
      steps: [{ id: "a", optional: true }, { id: "b", when: "${input.go}" }, { id: "c" }],
    });
    const story = `
      > start {"go":false}
          - execution.started {"go":false}
          → due a +0
          → due b +0
          → due c +0
      > due a at x
          - step.started a/1/1 at x {"go":false}
          → send a/1/1 to x {"go":false} until +600000
      > due b at x
          - step.skipped b because of condition
      > due c at x
          - step.started c/1/1 at x {"go":false}
          → send c/1/1 to x {"go":false} until +600000
      > failed a/1/1 INTERNAL
          - step.attempt_failed a/1/1 INTERNAL: it broke
          - step.failed a INTERNAL: it broke
          → cancel a/1/1 at x because the step failed
      > succeeded c/1/1 3
          - step.succeeded c/1/1 3
          - execution.succeeded {"a":null,"b":null,"c":3}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("with onFailure: fail stops the others at the first failure", () => {
    const workflow = testWorkflow({ mode: "parallel", retry: "none", steps: [{ id: "a" }, { id: "b" }] });
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
      > failed b/1/1 INTERNAL
          - step.attempt_failed b/1/1 INTERNAL: it broke
          - step.failed b INTERNAL: it broke
          - step.cancelled a
          - execution.failed INTERNAL in b: it broke
          → cancel b/1/1 at x because the step failed
          → cancel a/1/1 at x because the execution failed
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
