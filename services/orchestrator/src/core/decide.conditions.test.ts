import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

describe("a condition", () => {
  it("that holds lets the step start, one that does not skips it before a slot is asked for", () => {
    const workflow = testWorkflow({
      steps: [
        { id: "count" },
        { id: "many", when: "${steps.count.output.many}" },
        { id: "few", when: "${steps.count.output.few}" },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due count +0
      > due count at x
          - step.started count/1/1 at x {}
          → send count/1/1 to x {} until +600000
      > succeeded count/1/1 {"many":true,"few":false}
          - step.succeeded count/1/1 {"many":true,"few":false}
          → due many +0
          → due few +0
      > due few
          - step.skipped few because of condition
      > due few at x
          = nothing
      > due many at x
          - step.started many/1/1 at x {}
          → send many/1/1 to x {} until +600000
      > succeeded many/1/1 "M"
          - step.succeeded many/1/1 "M"
          - execution.succeeded {"count":{"many":true,"few":false},"many":"M","few":null}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is found to hold once: neither a wait for a slot nor a failover asks again", () => {
    const workflow = testWorkflow({ steps: [{ id: "a", when: "${input.go}" }] });
    const story = `
      > start {"go":true}
          - execution.started {"go":true}
          → due a +0
      > due a
          - step.queued a
      > due a at x
          - step.started a/1/1 at x {"go":true}
          → send a/1/1 to x {"go":true} until +600000
      > rejected a/1/1 full
          - step.failed_over a/1/1 from x because full, due +0
          → due a +0
      > due a at y
          - step.started a/1/2 at y
          → send a/1/2 to y {"go":true} until +600000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("that can not be evaluated fails its step without a retry, and names the expression", () => {
    const workflow = testWorkflow({ steps: [{ id: "a", when: "${input.go}" }, { id: "b" }] });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due b +0
      > due b at x
          - step.started b/1/1 at x {}
          → send b/1/1 to x {} until +600000
      > due a at x
          - step.failed a INVALID_ARGUMENT EXPRESSION_FAILED: steps[0].when: \${input.go}: input has no "go"
          - step.cancelled b
          - execution.failed INVALID_ARGUMENT EXPRESSION_FAILED in a: steps[0].when: \${input.go}: input has no "go"
          → cancel b/1/1 at x because the execution failed
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("that is neither true nor false fails its step", () => {
    const workflow = testWorkflow({ steps: [{ id: "a", when: "${input.go}" }] });
    const story = `
      > start {"go":"yes"}
          - execution.started {"go":"yes"}
          → due a +0
      > due a at x
          - step.failed a INVALID_ARGUMENT EXPRESSION_FAILED: steps[0].when: \${input.go}: must be true or false
          - execution.failed INVALID_ARGUMENT EXPRESSION_FAILED in a: steps[0].when: \${input.go}: must be true or false
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is asked when the step is first looked at: what changes while it waits for a slot does not matter", () => {
    const workflow = testWorkflow({
      steps: [
        { id: "a" },
        { id: "b" },
        { id: "c", join: "any", dependsOn: ["a"], when: "${steps.b.status != 'SUCCEEDED'}" },
      ],
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
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
          → due c +0
      > due c
          - step.queued c
      > succeeded b/1/1 2
          - step.succeeded b/1/1 2
      > due c at x
          - step.started c/1/1 at x {}
          → send c/1/1 to x {} until +600000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("is not asked while the execution is paused", () => {
    const workflow = testWorkflow({ steps: [{ id: "a", when: "${input.go}" }] });
    const story = `
      > start {"go":false}
          - execution.started {"go":false}
          → due a +0
      > pause
          - execution.paused by ada
      > due a
          = nothing
      > resume
          - execution.resumed by ada
          → due a +0
      > due a
          - step.skipped a because of condition
          - execution.succeeded {"a":null}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("the output of a step without success", () => {
  it("is null for what reads it, and in the result", () => {
    const workflow = testWorkflow({
      retry: "none",
      steps: [
        { id: "skipped", when: "${input.go}" },
        { id: "soft", optional: true },
        {
          id: "report",
          join: "done",
          with: {
            skipped: "${steps.skipped.output}",
            soft: "${steps.soft.output}",
            was: "${steps.soft.status}",
          },
        },
      ],
    });
    const story = `
      > start {"go":false}
          - execution.started {"go":false}
          → due skipped +0
          → due soft +0
      > due skipped
          - step.skipped skipped because of condition
      > due soft at x
          - step.started soft/1/1 at x {"go":false}
          → send soft/1/1 to x {"go":false} until +600000
      > failed soft/1/1 INTERNAL
          - step.attempt_failed soft/1/1 INTERNAL: it broke
          - step.failed soft INTERNAL: it broke
          → cancel soft/1/1 at x because the step failed
          → due report +0
      > due report at x
          - step.started report/1/1 at x {"skipped":null,"soft":null,"was":"FAILED"}
          → send report/1/1 to x {"skipped":null,"soft":null,"was":"FAILED"} until +600000
      > succeeded report/1/1 1
          - step.succeeded report/1/1 1
          - execution.succeeded {"skipped":null,"soft":null,"report":1}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("variables", () => {
  it("are computed once, at the start, and recorded with it", () => {
    const workflow = testWorkflow({ vars: { region: "${input.region}", retries: 2 }, steps: [{ id: "a" }] });
    const story = `
      > start {"region":"eu"}
          - execution.started {"region":"eu"} with vars {"region":"eu","retries":2}
          → due a +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("are read by conditions and inputs, a step's own over those of the workflow", () => {
    const workflow = testWorkflow({
      vars: { region: "${input.region}", urgent: true },
      steps: [
        { id: "a", when: "${vars.urgent}", with: "${vars.region}" },
        { id: "b", vars: { region: "us" }, with: ["${vars.region}", "${vars.urgent}"] },
      ],
    });
    const story = `
      > start {"region":"eu"}
          - execution.started {"region":"eu"} with vars {"region":"eu","urgent":true}
          → due a +0
          → due b +0
      > due a at x
          - step.started a/1/1 at x "eu"
          → send a/1/1 to x "eu" until +600000
      > due b at x
          - step.started b/1/1 at x ["us",true]
          → send b/1/1 to x ["us",true] until +600000
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("that can not be computed refuse the start", () => {
    const workflow = testWorkflow({ vars: { region: "${input.region}" }, steps: [{ id: "a" }] });
    const story = `
      > start {}
          ! REQUEST_INVALID: the definition's variables can not be computed from this input [input: vars.region: \${input.region}: input has no "region"]
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
