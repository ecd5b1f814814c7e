import { describe, expect, it } from "vitest";
import { type Report, verdictOf } from "./verdict.ts";

/** A file with one test for each message; an empty one has passed. */
function file(messages: readonly string[], ownMessage = ""): Report["testResults"][number] {
  return {
    name: "a.test.ts",
    status: ownMessage !== "" || messages.some((message) => message !== "") ? "failed" : "passed",
    message: ownMessage,
    assertionResults: messages.map((message, index) => ({
      status: message === "" ? "passed" : "failed",
      fullName: ` a rule holds ${index}`,
      failureMessages: message === "" ? [] : [message],
    })),
  };
}

describe("a planted bug", () => {
  it("survives when every test passes", () => {
    expect(verdictOf({ testResults: [file(["", ""]), file([""])] })).toEqual({ kind: "survived" });
  });

  it("is killed by an assertion, or by what the code itself refuses", () => {
    const noticed = { kind: "killed", by: "a rule holds 1" };
    expect(verdictOf({ testResults: [file(["", "AssertionError: expected 1"])] })).toEqual(noticed);
    expect(verdictOf({ testResults: [file(["", "Error: illegal transition"])] })).toEqual(noticed);
    expect(verdictOf({ testResults: [file(["TypeError: x is undefined", "AssertionError: no"])] })).toEqual(
      noticed,
    );
  });

  it("proves nothing when the code does not hang together", () => {
    expect(verdictOf({ testResults: [file(["ReferenceError: x is not defined\n at y"])] })).toEqual({
      kind: "broken",
      why: "ReferenceError: x is not defined",
    });
    expect(verdictOf({ testResults: [file([], "Failed to load url ./gone.ts")] })).toEqual({
      kind: "broken",
      why: "Failed to load url ./gone.ts",
    });
  });

  it("proves nothing when no test was found", () => {
    expect(verdictOf({ testResults: [] }).kind).toBe("broken");
  });
});
