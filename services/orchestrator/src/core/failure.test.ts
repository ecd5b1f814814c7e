import { describe, expect, it } from "vitest";
import { failureCodes, isFailureCode, isRetryableCode } from "./failure.ts";

describe("failure codes", () => {
  it("are the sixteen of gRPC, in the order of their numbers", () => {
    expect(failureCodes).toHaveLength(16);
    expect(failureCodes.indexOf("INVALID_ARGUMENT") + 1).toBe(3);
    expect(failureCodes.indexOf("UNAUTHENTICATED") + 1).toBe(16);
  });

  it("are worth a retry by default when the cause may pass", () => {
    expect(failureCodes.filter(isRetryableCode)).toEqual([
      "UNKNOWN",
      "DEADLINE_EXCEEDED",
      "RESOURCE_EXHAUSTED",
      "ABORTED",
      "INTERNAL",
      "UNAVAILABLE",
    ]);
  });

  it("are told from other words", () => {
    expect(isFailureCode("UNAVAILABLE")).toBe(true);
    expect(isFailureCode("OK")).toBe(false);
    expect(isFailureCode("unavailable")).toBe(false);
  });
});
