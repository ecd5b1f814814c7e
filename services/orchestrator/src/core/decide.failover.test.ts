import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

const workflow = testWorkflow({ retry: { jitter: false }, steps: [{ id: "a" }] });

describe("failover", () => {
  it("sends the same attempt elsewhere, at once three times and then slowly, and spends no retry", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at v
          - step.started a/1/1 at v {}
          → send a/1/1 to v {} until +600000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from v because full, due +0
          → due a +0
      > due a at w
          - step.started a/1/2 at w
          → send a/1/2 to w {} until +600000
      > rejected a/1/2 full
          - step.failed_over a/1/2 from w because full, due +0
          → due a +0
      > due a at x
          - step.started a/1/3 at x
          → send a/1/3 to x {} until +600000
      > rejected a/1/3 draining
          - step.failed_over a/1/3 from x because draining, due +0
          → due a +0
      > due a at y
          - step.started a/1/4 at y
          → send a/1/4 to y {} until +600000
      > rejected a/1/4 full
          - step.failed_over a/1/4 from y because full, due +1000
          → due a +1000
      > due a at z
          = nothing
      > wait 999
      > due a at z
          = nothing
      > wait 1
      > due a at z
          - step.started a/1/5 at z
          → send a/1/5 to z {} until +601000
      > rejected a/1/5 full
          - step.failed_over a/1/5 from z because full, due +2000
          → due a +2000
      > wait 1000
      > due a at v
          - step.started a/1/6 at v
          → send a/1/6 to v {} until +602000
      > succeeded a/1/6 1
          - step.succeeded a/1/6 1
          - execution.succeeded {"a":1}
          → ended SUCCEEDED +2000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is slow from the first when too many sends fail over", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at v
          - step.started a/1/1 at v {}
          → send a/1/1 to v {} until +600000
      > rejected a/1/1 full over budget
          - step.failed_over a/1/1 from v because full, due +1000
          → due a +1000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is at once again for a new attempt", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +0
          → due a +0
      > due a at x
          - step.started a/1/2 at x
          → send a/1/2 to x {} until +600000
      > rejected a/1/2 full
          - step.failed_over a/1/2 from x because full, due +0
          → due a +0
      > due a at x
          - step.started a/1/3 at x
          → send a/1/3 to x {} until +600000
      > rejected a/1/3 full
          - step.failed_over a/1/3 from x because full, due +0
          → due a +0
      > due a at x
          - step.started a/1/4 at x
          → send a/1/4 to x {} until +600000
      > failed a/1/4 UNAVAILABLE
          - step.attempt_failed a/1/4 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +500
          → cancel a/1/4 at x because a new attempt takes its place
          → due a +500
      > wait 500
      > due a at x
          - step.started a/2/5 at x
          → send a/2/5 to x {} until +600500
      > rejected a/2/5 full
          - step.failed_over a/2/5 from x because full, due +500
          → due a +500
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("an interruption", () => {
  it("spends no retry the first time and one the second, and the third agent lost means POISONED", () => {
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > lost a/1/1 its process died
          - step.interrupted a/1/1 at x because its process died
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > lost a/1/2 its process died
          - step.interrupted a/1/2 at y because its process died
          - step.attempt_failed a/1/2 UNAVAILABLE INTERRUPTED: the agent was lost: its process died
          - step.retry_scheduled a/2 due +500
          → due a +500
      > due a at z
          = nothing
      > wait 500
      > due a at z
          - step.started a/2/3 at z
          → send a/2/3 to z {} until +600500
      > lost a/2/3 its process died
          - step.interrupted a/2/3 at z because its process died
          - step.failed a INTERNAL POISONED: 3 agents were lost while they ran this step
          - execution.failed INTERNAL POISONED in a: 3 agents were lost while they ran this step
          → ended FAILED +500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is never retried when it is the third, however many attempts are left, and takes the siblings along", () => {
    const patient = testWorkflow({
      retry: { maxAttempts: 10, jitter: false, on: ["INTERNAL", "UNAVAILABLE"] },
      steps: [{ id: "a" }, { id: "b" }],
    });
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
      > lost a/1/1 crash
          - step.interrupted a/1/1 at x because crash
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > failed a/1/2 UNAVAILABLE
          - step.attempt_failed a/1/2 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +500
          → cancel a/1/2 at y because a new attempt takes its place
          → due a +500
      > wait 500
      > due a at y
          - step.started a/2/3 at y
          → send a/2/3 to y {} until +600500
      > lost a/2/3 crash
          - step.interrupted a/2/3 at y because crash
          - step.attempt_failed a/2/3 UNAVAILABLE INTERRUPTED: the agent was lost: crash
          - step.retry_scheduled a/3 due +1500
          → due a +1500
      > wait 1000
      > due a at y
          - step.started a/3/4 at y
          → send a/3/4 to y {} until +601500
      > lost a/3/4 crash
          - step.interrupted a/3/4 at y because crash
          - step.failed a INTERNAL POISONED: 3 agents were lost while they ran this step
          - step.cancelled b
          - execution.failed INTERNAL POISONED in a: 3 agents were lost while they ran this step
          → cancel b/1/1 at x because the execution failed
          → ended FAILED +1500
    `;
    expect(told(patient, story)).toBe(story);
  });

  it("asks for one slot when its retry is due at once", () => {
    const eager = testWorkflow({ retry: { initialDelay: "0ms" }, steps: [{ id: "a" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > lost a/1/1 crash
          - step.interrupted a/1/1 at x because crash
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > lost a/1/2 crash
          - step.interrupted a/1/2 at y because crash
          - step.attempt_failed a/1/2 UNAVAILABLE INTERRUPTED: the agent was lost: crash
          - step.retry_scheduled a/2 due +0
          → due a +0
    `;
    expect(told(eager, story)).toBe(story);
  });

  it("fails the step the second time when it has no retry left", () => {
    const strict = testWorkflow({ retry: "none", steps: [{ id: "a" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > lost a/1/1 crash
          - step.interrupted a/1/1 at x because crash
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {} until +600000
      > lost a/1/2 crash
          - step.interrupted a/1/2 at y because crash
          - step.attempt_failed a/1/2 UNAVAILABLE INTERRUPTED: the agent was lost: crash
          - step.failed a UNAVAILABLE INTERRUPTED: the agent was lost: crash
          - execution.failed UNAVAILABLE INTERRUPTED in a: the agent was lost: crash
          → ended FAILED +0
    `;
    expect(told(strict, story)).toBe(story);
  });
});
