import { describe, expect, it } from "vitest";
import { checkStart, mergeLabels, payloadBytesMax } from "./check-start.ts";
import { labelsMax } from "./definition-limits.ts";

const good = { namespace: "default", requestId: "", inputBytes: 2, labels: {} };

describe("checkStart", () => {
  it("finds nothing wrong with a good start, up to its limits", () => {
    expect(checkStart(good)).toEqual([]);
    const largest = { ...good, requestId: "r".repeat(128), inputBytes: payloadBytesMax };
    expect(checkStart(largest)).toEqual([]);
  });

  it("lists every problem at once", () => {
    const problems = checkStart({
      namespace: "No Spaces",
      requestId: "r".repeat(129),
      inputBytes: payloadBytesMax + 1,
      labels: { "": "x" },
    });
    expect(problems.map(({ field }) => field)).toEqual(["namespace", "request_id", "input", 'labels[""]']);
    expect(problems[2]!.message).toBe("is 1048577 bytes; the limit is 1048576. Pass large data by reference");
  });
});

describe("mergeLabels", () => {
  it("puts the start's labels over the definition's", () => {
    expect(mergeLabels({ team: "docs", tier: "1" }, { tier: "2" })).toEqual({
      labels: { team: "docs", tier: "2" },
    });
  });

  it("refuses what is too many only together", () => {
    const half = (prefix: string, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, ""]));
    expect(mergeLabels(half("a", labelsMax - 1), half("b", 1))).toHaveProperty("labels");
    expect(mergeLabels(half("a", labelsMax), half("b", 1))).toEqual({
      problem: { field: "labels", message: "with the definition's own there are 33; the limit is 32" },
    });
  });
});
