import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { blankExecution } from "./execution.ts";
import { beginStory, startInput, storyStartMs, testWorkflow, told } from "./transcript.fixture.ts";

describe("inputs and results", () => {
  it("a step's input is what its template makes of earlier results, and the output template the result", () => {
    const workflow = testWorkflow({
      mode: "sequential",
      steps: [
        { id: "collect", with: { path: "${input.path}", run: "${execution.id}" } },
        { id: "report", with: { files: "${steps.collect.output.files}", title: "on ${input.path}" } },
      ],
      output: { page: "${steps.report.output}", collected: "${steps.collect.status}" },
    });
    const story = `
      > start {"path":"/src"}
          - execution.started {"path":"/src"}
          → due collect +0
      > due collect at x
          - step.started collect/1/1 at x {"path":"/src","run":"e42"}
          → send collect/1/1 to x {"path":"/src","run":"e42"} until +600000
      > succeeded collect/1/1 {"files":["a.ts"]}
          - step.succeeded collect/1/1 {"files":["a.ts"]}
          → due report +0
      > due report at x
          - step.started report/1/1 at x {"files":["a.ts"],"title":"on /src"}
          → send report/1/1 to x {"files":["a.ts"],"title":"on /src"} until +600000
      > succeeded report/1/1 "page.html"
          - step.succeeded report/1/1 "page.html"
          - execution.succeeded {"page":"page.html","collected":"SUCCEEDED"}
          → ended SUCCEEDED +0
    `;
    expect(told(beginStory(workflow, "e42"), story)).toBe(story);
  });

  it("a result is spliced as it was written, not parsed and written again", () => {
    const workflow = testWorkflow({ steps: [{ id: "a" }], output: { big: "${steps.a.output}" } });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 { "n": 12345678901234567890, "t": 1.50 }
          - step.succeeded a/1/1 { "n": 12345678901234567890, "t": 1.50 }
          - execution.succeeded {"big":{ "n": 12345678901234567890, "t": 1.50 }}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("a retry gets the input that the first attempt recorded", () => {
    const workflow = testWorkflow({
      steps: [{ id: "a", with: { at: "${input.at}" }, retry: { jitter: false } }],
    });
    const story = `
      > start {"at":7}
          - execution.started {"at":7}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {"at":7}
          → send a/1/1 to x {"at":7} until +600000
      > failed a/1/1 UNAVAILABLE
          - step.attempt_failed a/1/1 UNAVAILABLE: it broke
          - step.retry_scheduled a/2 due +500
          → cancel a/1/1 at x because a new attempt takes its place
          → due a +500
      > wait 500
      > due a at y
          - step.started a/2/2 at y
          → send a/2/2 to y {"at":7} until +600500
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("an input that cannot be computed fails the step without asking for a slot or a retry", () => {
    const workflow = testWorkflow({
      steps: [{ id: "a" }, { id: "other" }, { id: "b", with: { size: "${steps.a.output.size}" } }],
    });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
          → due other +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > due other at y
          - step.started other/1/1 at y {}
          → send other/1/1 to y {} until +600000
      > succeeded a/1/1 {"length":3}
          - step.succeeded a/1/1 {"length":3}
          → due b +0
      > due b
          - step.failed b INVALID_ARGUMENT EXPRESSION_FAILED: steps[2].with.size: \${steps.a.output.size}: steps.a.output has no "size"
          - step.cancelled other
          - execution.failed INVALID_ARGUMENT EXPRESSION_FAILED in b: steps[2].with.size: \${steps.a.output.size}: steps.a.output has no "size"
          → cancel other/1/1 at y because the execution failed
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("a result that cannot be computed fails the execution, though every step succeeded", () => {
    const workflow = testWorkflow({ steps: [{ id: "a" }], output: "${steps.a.output.url}" });
    const story = `
      > start {}
          - execution.started {}
          → due a +0
      > due a at x
          - step.started a/1/1 at x {}
          → send a/1/1 to x {} until +600000
      > succeeded a/1/1 null
          - step.succeeded a/1/1 null
          - execution.failed INVALID_ARGUMENT EXPRESSION_FAILED: output: \${steps.a.output.url}: steps.a.output is null
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("a definition that came with the start is in the log, a registered one is not", () => {
    const workflow = testWorkflow({ steps: [{ id: "a" }], labels: { team: "docs" } });
    const start = { ...startInput(1), labels: { team: "docs" } };
    const [registered] = [decide(blankExecution("e1", workflow), start, storyStartMs)].flat();
    const [inline] = [
      decide(blankExecution("e1", workflow), { ...start, inline: true }, storyStartMs),
    ].flat();
    expect(registered).toEqual({
      kind: "execution.started",
      namespace: "default",
      workflow: "w",
      version: 1,
      labels: { team: "docs" },
      createdBy: "ada",
      payload: { text: "1" },
    });
    expect(inline).toEqual({ ...registered, definition: workflow.definition.tree });
  });
});
