import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

describe("the mode of a workflow", () => {
  it("sequential: the next step is due when the one before it has succeeded", () => {
    const workflow = testWorkflow({ mode: "sequential", steps: [{ id: "a" }, { id: "b" }] });
    const story = `
      > start {"n":1}
          - execution.started {"n":1}
          → due a +0
      > due b at x
          = nothing
      > due a at x
          - step.started a/1/1 at x {"n":1}
          → send a/1/1 to x {"n":1} until +600000
      > due b at x
          = nothing
      > wait 40
      > succeeded a/1/1 "A"
          - step.succeeded a/1/1 "A"
          → due b +40
      > due b at y
          - step.started b/1/1 at y {"n":1}
          → send b/1/1 to y {"n":1} until +600040
      > wait 2
      > succeeded b/1/1 "B"
          - step.succeeded b/1/1 "B"
          - execution.succeeded {"a":"A","b":"B"}
          → ended SUCCEEDED +42
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("parallel: all are due at once, and the result lists them in the order of the definition", () => {
    const workflow = testWorkflow({ mode: "parallel", steps: [{ id: "a" }, { id: "b" }, { id: "c" }] });
    const story = `
      > start null
          - execution.started null
          → due a +0
          → due b +0
          → due c +0
      > due a at x
          - step.started a/1/1 at x null
          → send a/1/1 to x null until +600000
      > due b at x
          - step.started b/1/1 at x null
          → send b/1/1 to x null until +600000
      > due c at y
          - step.started c/1/1 at y null
          → send c/1/1 to y null until +600000
      > succeeded c/1/1 3
          - step.succeeded c/1/1 3
      > succeeded a/1/1 1
          - step.succeeded a/1/1 1
      > succeeded b/1/1 2
          - step.succeeded b/1/1 2
          - execution.succeeded {"a":1,"b":2,"c":3}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("dependency: a join is due at the success of its last dependency, and only then", () => {
    const workflow = testWorkflow({
      steps: [
        { id: "top" },
        { id: "left", dependsOn: ["top"] },
        { id: "right", with: { seen: "${steps.top.output}" } },
        { id: "join", with: ["${steps.left.output}", "${steps.right.output}"] },
      ],
    });
    const story = `
      > start {}
          - execution.started {}
          → due top +0
      > due top at x
          - step.started top/1/1 at x {}
          → send top/1/1 to x {} until +600000
      > succeeded top/1/1 0
          - step.succeeded top/1/1 0
          → due left +0
          → due right +0
      > due left at x
          - step.started left/1/1 at x {}
          → send left/1/1 to x {} until +600000
      > due right at y
          - step.started right/1/1 at y {"seen":0}
          → send right/1/1 to y {"seen":0} until +600000
      > succeeded right/1/1 "R"
          - step.succeeded right/1/1 "R"
      > due join at y
          = nothing
      > succeeded left/1/1 "L"
          - step.succeeded left/1/1 "L"
          → due join +0
      > due join at y
          - step.started join/1/1 at y ["L","R"]
          → send join/1/1 to y ["L","R"] until +600000
      > succeeded join/1/1 "J"
          - step.succeeded join/1/1 "J"
          - execution.succeeded {"top":0,"left":"L","right":"R","join":"J"}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });

  it("dependency: a step does not wait for others of its batch", () => {
    const workflow = testWorkflow({
      steps: [{ id: "quick" }, { id: "slow" }, { id: "next", dependsOn: ["quick"] }],
    });
    const story = `
      > start {}
          - execution.started {}
          → due quick +0
          → due slow +0
      > due quick at x
          - step.started quick/1/1 at x {}
          → send quick/1/1 to x {} until +600000
      > due slow at y
          - step.started slow/1/1 at y {}
          → send slow/1/1 to y {} until +600000
      > succeeded quick/1/1 1
          - step.succeeded quick/1/1 1
          → due next +0
      > due next at x
          - step.started next/1/1 at x {}
          → send next/1/1 to x {} until +600000
      > succeeded next/1/1 3
          - step.succeeded next/1/1 3
      > succeeded slow/1/1 2
          - step.succeeded slow/1/1 2
          - execution.succeeded {"quick":1,"slow":2,"next":3}
          → ended SUCCEEDED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});
