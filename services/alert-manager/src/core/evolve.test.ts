import { describe, expect, it } from "vitest";
import { evolve } from "./evolve.ts";

describe("evolve", () => {
  it("refuses what can't have happened", () => {
    const atMs = 0;
    expect(() => evolve(undefined, { kind: "alert.fired", atMs })).toThrow("an alert that is not there");
    expect(() => evolve(undefined, { kind: "alert.resolved", atMs })).toThrow("an alert that is none");
    expect(() => evolve(undefined, { kind: "alert.withdrawn" })).toThrow("can't become none from none");
  });
});
