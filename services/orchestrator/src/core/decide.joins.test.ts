import { describe, expect, it } from "vitest";
import { testWorkflow, told } from "./transcript.fixture.ts";

/** What ends in every way: `yes` succeeds, `no` is skipped by its condition, `bad` fails, `soft` may fail. */
function joining(join: string, dependsOn: readonly string[]) {
  return testWorkflow({
    onFailure: "continue",
    retry: "none",
    steps: [
      { id: "yes" },
      { id: "no", when: "${input.never}" },
      { id: "bad" },
      { id: "soft", optional: true },
      { id: "join", join, dependsOn },
      { id: "after", dependsOn: ["join"] },
    ].filter(({ id }) => id === "join" || id === "after" || dependsOn.includes(id)),
  });
}

describe("join: all", () => {
  it("starts when all have succeeded or are absent: skipped by condition, or failed and optional", () => {
    const story = `
      > start {"never":false}
          - execution.started {"never":false}
          → due yes +0
          → due no +0
          → due soft +0
      > due no
          - step.skipped no because of condition
      > due yes at x
          - step.started yes/1/1 at x {"never":false}
          → send yes/1/1 to x {"never":false} until +600000
      > due soft at y
          - step.started soft/1/1 at y {"never":false}
          → send soft/1/1 to y {"never":false} until +600000
      > succeeded yes/1/1 1
          - step.succeeded yes/1/1 1
      > due join at x
          = nothing
      > failed soft/1/1 INTERNAL
          - step.attempt_failed soft/1/1 INTERNAL: it broke
          - step.failed soft INTERNAL: it broke
          → cancel soft/1/1 at y because the step failed
          → due join +0
      > due join at x
          - step.started join/1/1 at x {"never":false}
          → send join/1/1 to x {"never":false} until +600000
      > succeeded join/1/1 2
          - step.succeeded join/1/1 2
          → due after +0
      > due after at x
          - step.started after/1/1 at x {"never":false}
          → send after/1/1 to x {"never":false} until +600000
      > succeeded after/1/1 3
          - step.succeeded after/1/1 3
          - execution.succeeded {"yes":1,"no":null,"soft":null,"join":2,"after":3}
          → ended SUCCEEDED +0
    `;
    expect(told(joining("all", ["yes", "no", "soft"]), story)).toBe(story);
  });

  it("is skipped by condition when all are absent, and so is what waits for it alone", () => {
    const story = `
      > start {"never":false}
          - execution.started {"never":false}
          → due no +0
          → due soft +0
      > due soft at x
          - step.started soft/1/1 at x {"never":false}
          → send soft/1/1 to x {"never":false} until +600000
      > failed soft/1/1 NOT_FOUND
          - step.attempt_failed soft/1/1 NOT_FOUND: it broke
          - step.failed soft NOT_FOUND: it broke
          → cancel soft/1/1 at x because the step failed
      > due no
          - step.skipped no because of condition
          - step.skipped join because of condition
          - step.skipped after because of condition
          - execution.succeeded {"no":null,"soft":null,"join":null,"after":null}
          → ended SUCCEEDED +0
    `;
    expect(told(joining("all", ["no", "soft"]), story)).toBe(story);
  });

  it("is skipped upstream at the first failure, without waiting for the rest, and so is what follows", () => {
    const story = `
      > start {}
          - execution.started {}
          → due yes +0
          → due bad +0
      > due yes at x
          - step.started yes/1/1 at x {}
          → send yes/1/1 to x {} until +600000
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.skipped join because of upstream
          - step.skipped after because of upstream
          → cancel bad/1/1 at x because the step failed
      > due join at x
          = nothing
      > succeeded yes/1/1 1
          - step.succeeded yes/1/1 1
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(joining("all", ["yes", "bad"]), story)).toBe(story);
  });
});

describe("join: any", () => {
  it("starts at the first success, and what ends later is nothing to it", () => {
    const story = `
      > start {}
          - execution.started {}
          → due yes +0
          → due bad +0
          → due soft +0
      > due yes at x
          - step.started yes/1/1 at x {}
          → send yes/1/1 to x {} until +600000
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > due soft at x
          - step.started soft/1/1 at x {}
          → send soft/1/1 to x {} until +600000
      > failed soft/1/1 INTERNAL
          - step.attempt_failed soft/1/1 INTERNAL: it broke
          - step.failed soft INTERNAL: it broke
          → cancel soft/1/1 at x because the step failed
      > succeeded yes/1/1 1
          - step.succeeded yes/1/1 1
          → due join +0
      > due join at y
          - step.started join/1/1 at y {}
          → send join/1/1 to y {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          → cancel bad/1/1 at x because the step failed
      > succeeded join/1/1 2
          - step.succeeded join/1/1 2
          → due after +0
    `;
    expect(told(joining("any", ["yes", "bad", "soft"]), story)).toBe(story);
  });

  it("is skipped upstream when all have ended without a success", () => {
    const story = `
      > start {"never":false}
          - execution.started {"never":false}
          → due no +0
          → due bad +0
      > due bad at x
          - step.started bad/1/1 at x {"never":false}
          → send bad/1/1 to x {"never":false} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          → cancel bad/1/1 at x because the step failed
      > due no
          - step.skipped no because of condition
          - step.skipped join because of upstream
          - step.skipped after because of upstream
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(joining("any", ["no", "bad"]), story)).toBe(story);
  });

  it("is skipped upstream also when all are absent, which fails nothing", () => {
    const story = `
      > start {"never":false}
          - execution.started {"never":false}
          → due no +0
          → due soft +0
      > due soft at x
          - step.started soft/1/1 at x {"never":false}
          → send soft/1/1 to x {"never":false} until +600000
      > failed soft/1/1 INTERNAL
          - step.attempt_failed soft/1/1 INTERNAL: it broke
          - step.failed soft INTERNAL: it broke
          → cancel soft/1/1 at x because the step failed
      > due no
          - step.skipped no because of condition
          - step.skipped join because of upstream
          - step.skipped after because of upstream
          - execution.succeeded {"no":null,"soft":null,"join":null,"after":null}
          → ended SUCCEEDED +0
    `;
    expect(told(joining("any", ["no", "soft"]), story)).toBe(story);
  });
});

describe("join: done", () => {
  it("starts when all have ended, however they did", () => {
    const story = `
      > start {"never":false}
          - execution.started {"never":false}
          → due yes +0
          → due no +0
          → due bad +0
          → due soft +0
      > due yes at x
          - step.started yes/1/1 at x {"never":false}
          → send yes/1/1 to x {"never":false} until +600000
      > due bad at x
          - step.started bad/1/1 at x {"never":false}
          → send bad/1/1 to x {"never":false} until +600000
      > due soft at x
          - step.started soft/1/1 at x {"never":false}
          → send soft/1/1 to x {"never":false} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          → cancel bad/1/1 at x because the step failed
      > due no
          - step.skipped no because of condition
      > failed soft/1/1 INTERNAL
          - step.attempt_failed soft/1/1 INTERNAL: it broke
          - step.failed soft INTERNAL: it broke
          → cancel soft/1/1 at x because the step failed
      > due join at x
          = nothing
      > succeeded yes/1/1 1
          - step.succeeded yes/1/1 1
          → due join +0
      > due join at x
          - step.started join/1/1 at x {"never":false}
          → send join/1/1 to x {"never":false} until +600000
      > succeeded join/1/1 2
          - step.succeeded join/1/1 2
          → due after +0
      > due after at x
          - step.started after/1/1 at x {"never":false}
          → send after/1/1 to x {"never":false} until +600000
      > succeeded after/1/1 3
          - step.succeeded after/1/1 3
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(joining("done", ["yes", "no", "bad", "soft"]), story)).toBe(story);
  });

  it("counts a step that was skipped upstream as ended", () => {
    const workflow = testWorkflow({
      onFailure: "continue",
      retry: "none",
      steps: [
        { id: "bad" },
        { id: "lost", dependsOn: ["bad"] },
        { id: "report", join: "done", dependsOn: ["lost"] },
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
          - step.skipped lost because of upstream
          → cancel bad/1/1 at x because the step failed
          → due report +0
      > due report at x
          - step.started report/1/1 at x {}
          → send report/1/1 to x {} until +600000
      > succeeded report/1/1 "told"
          - step.succeeded report/1/1 "told"
          - execution.failed INTERNAL in bad: it broke
          → ended FAILED +0
    `;
    expect(told(workflow, story)).toBe(story);
  });
});

describe("a step that has become unreachable", () => {
  it("is skipped once, and a word about one that is not changes nothing", () => {
    const story = `
      > unreachable join
          = nothing
      > start {}
          - execution.started {}
          → due yes +0
          → due bad +0
      > unreachable join
          = nothing
      > unreachable yes
          = nothing
      > unreachable nowhere
          = nothing
      > due yes at x
          - step.started yes/1/1 at x {}
          → send yes/1/1 to x {} until +600000
      > due bad at x
          - step.started bad/1/1 at x {}
          → send bad/1/1 to x {} until +600000
      > failed bad/1/1 INTERNAL
          - step.attempt_failed bad/1/1 INTERNAL: it broke
          - step.failed bad INTERNAL: it broke
          - step.skipped join because of upstream
          - step.skipped after because of upstream
          → cancel bad/1/1 at x because the step failed
      > unreachable join
          = nothing
    `;
    expect(told(joining("all", ["yes", "bad"]), story)).toBe(story);
  });
});
