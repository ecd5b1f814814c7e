import { describe, expect, it } from "vitest";
import { isRejection, rejection } from "./rejection.ts";

describe("a rejection", () => {
  it("says why, and names the fields at fault, if any", () => {
    expect(rejection("LEASE_ENDED", "attach again")).toEqual({
      kind: "rejection",
      reason: "LEASE_ENDED",
      message: "attach again",
      problems: [],
      retryAfterMs: undefined,
    });
    const problems = [{ field: "slots", message: "must be at least 1" }];
    expect(rejection("REGISTRATION_INVALID", "see the fields", { problems }).problems).toBe(problems);
  });

  it("is told from an answer by its kind", () => {
    expect(isRejection(rejection("STOPPING", "try another"))).toBe(true);
    expect(isRejection({ kind: "agent" })).toBe(false);
    expect(isRejection({})).toBe(false);
  });
});
