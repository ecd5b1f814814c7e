import { describe, expect, it } from "vitest";
import { checkStart, mergeLabels } from "./check-start.ts";

const limits = { payloadBytesMax: 1_000, labelsMax: 3 };
const good = { namespace: "default", requestId: "", inputBytes: 2, labels: {} };

describe("checkStart", () => {
  it("finds nothing wrong with a good start, up to its limits", () => {
    expect(checkStart(good, limits)).toEqual([]);
    const largest = {
      ...good,
      requestId: "r".repeat(128),
      inputBytes: 1_000,
      labels: { a: "", b: "", c: "" },
    };
    expect(checkStart(largest, limits)).toEqual([]);
  });

  it("lists every problem at once, each with its limit", () => {
    const start = {
      namespace: "No Spaces",
      requestId: "r".repeat(129),
      inputBytes: 1_001,
      labels: { "": "x", a: "", b: "", c: "" },
    };
    expect(checkStart(start, limits).map(({ field, message }) => [field, message])).toEqual([
      ["namespace", 'must be 1 to 63 of a-z, 0-9 and "-"'],
      ["request_id", "must not be longer than 128 characters"],
      ["input", "is 1001 bytes; the limit is 1000. Pass large data by reference"],
      ["labels", "has 4 labels; the limit is 3"],
      ['labels[""]', "the label's key must have 1 to 63 characters"],
    ]);
  });
});

describe("mergeLabels", () => {
  it("puts the start's labels over the definition's", () => {
    expect(mergeLabels({ team: "docs", tier: "1" }, { tier: "2" }, 2)).toEqual({
      labels: { team: "docs", tier: "2" },
    });
  });

  it("refuses what is too many only together", () => {
    expect(mergeLabels({ a: "" }, { b: "" }, 2)).toHaveProperty("labels");
    expect(mergeLabels({ a: "", b: "" }, { c: "" }, 2)).toEqual({
      problem: { field: "labels", message: "with the definition's own there are 3; the limit is 2" },
    });
  });
});
