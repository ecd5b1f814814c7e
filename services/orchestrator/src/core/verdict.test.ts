import { expect, it } from "vitest";
import { failureCodes } from "./failure.ts";
import { verdictOn } from "./verdict.ts";

function codesWith(verdict: string, madeProgress: boolean): readonly string[] {
  return failureCodes.filter((code) => verdictOn({ code }, madeProgress) === verdict);
}

it("holds against whoever was called what only they can be the cause of", () => {
  const hard = ["UNKNOWN", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"];
  expect(codesWith("failed", false)).toEqual(["UNKNOWN", "DEADLINE_EXCEEDED", ...hard.slice(1)]);
  expect(codesWith("failed", true)).toEqual(hard);
});

it("says nothing of load, of what was cancelled, and of a deadline where there was progress", () => {
  expect(codesWith("neither", false)).toEqual(["CANCELLED", "RESOURCE_EXHAUSTED"]);
  expect(codesWith("neither", true)).toEqual(["CANCELLED", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"]);
});

it("says nothing of what ran at an agent that stops", () => {
  expect(verdictOn({ code: "UNAVAILABLE", reason: "AGENT_STOPPING" }, false)).toBe("neither");
});

it("takes what an application says of its input for an answer", () => {
  expect(codesWith("succeeded", false)).toEqual(
    failureCodes.filter((code) => !/UNKNOWN|INTERNAL|UNAVAIL|LOSS|DEADLINE|CANCEL|RESOURCE/.test(code)),
  );
});
