import { describe, expect, it } from "vitest";
import { checkDefinition } from "./check-definition.ts";
import type { Problem } from "./problem.ts";
import { type RetryPolicy, retryPresets } from "./retry.ts";

function check(retry: unknown) {
  return checkDefinition({ workflow: "w", version: 1, steps: [{ id: "a", capability: "a", retry }] });
}

function policyOf(retry: unknown): RetryPolicy | undefined {
  const checked = check(retry);
  return checked.status === "valid" ? checked.definition.steps[0]?.retry : undefined;
}

function problemsOf(retry: unknown): readonly Problem[] {
  const checked = check(retry);
  return checked.status === "valid" ? [] : checked.problems;
}

describe("a retry policy", () => {
  it.each(["standard", "aggressive", "conservative", "none"] as const)("can be the preset %s", (preset) => {
    expect(policyOf(preset)).toEqual(retryPresets[preset]);
    expect(policyOf({ preset })).toEqual(retryPresets[preset]);
  });

  it("can override a preset field by field", () => {
    expect(policyOf({ preset: "aggressive", maxAttempts: 7, jitter: false })).toEqual({
      ...retryPresets.aggressive,
      maxAttempts: 7,
      jitter: false,
    });
  });

  it("without a preset has the standard one's values, and a longest delay of 30 s", () => {
    expect(policyOf({})).toEqual({ ...retryPresets.standard, maxDelayMs: 30_000 });
    expect(
      policyOf({
        maxAttempts: 4,
        initialDelay: "2s",
        maxDelay: "1m",
        multiplier: 1.5,
        jitter: true,
        on: ["ABORTED"],
        notOn: [],
      }),
    ).toEqual({
      maxAttempts: 4,
      initialDelayMs: 2_000,
      maxDelayMs: 60_000,
      multiplier: 1.5,
      jitter: true,
      on: ["ABORTED"],
      notOn: [],
    });
  });

  it("has every mistake found, with its path", () => {
    const fields = problemsOf({
      preset: "agressive",
      maxAttempts: 0,
      initialDelay: 5,
      maxDelay: "soon",
      multiplier: 0.5,
      jitter: "yes",
      on: ["UNAVAILABLE", "UNAVAILBLE"],
      notOn: "INTERNAL",
      delay: "1s",
    }).map(({ field }) => field.replace("steps[0].retry.", ""));
    expect(fields.toSorted()).toEqual([
      "delay",
      "initialDelay",
      "jitter",
      "maxAttempts",
      "maxDelay",
      "multiplier",
      "notOn",
      "on[1]",
      "preset",
    ]);
  });

  it("is neither an unknown preset nor a thing of another kind", () => {
    expect(problemsOf("toString").map(({ field }) => field)).toEqual(["steps[0].retry"]);
    expect(problemsOf(3)).toEqual([
      { field: "steps[0].retry", message: "must be the name of a preset or an object, is a number" },
    ]);
  });

  it("suggests the code that was meant", () => {
    expect(problemsOf({ on: ["UNAVAILBLE"] })[0]?.message).toContain('did you mean "UNAVAILABLE"?');
  });

  it("brings a warning when its longest delay is shorter than its first", () => {
    expect(check({ initialDelay: "1m" })).toMatchObject({
      status: "valid",
      warnings: [
        {
          field: "steps[0].retry",
          message: "maxDelay (30s) is below initialDelay (1m): every delay is 30s",
        },
      ],
    });
  });
});

describe("a step's timeout", () => {
  it("brings a warning when the workflow's own is shorter", () => {
    const steps = [
      { id: "a", capability: "a", timeout: "2m" },
      { id: "b", capability: "a" },
    ];
    expect(checkDefinition({ workflow: "w", version: 1, timeout: "1m", steps })).toMatchObject({
      status: "valid",
      warnings: [{ field: "steps[0].timeout" }],
    });
  });
});
