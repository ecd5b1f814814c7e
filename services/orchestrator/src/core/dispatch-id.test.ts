import { describe, expect, it } from "vitest";
import { dispatchId, parseDispatchId } from "./dispatch-id.ts";

describe("a dispatch id", () => {
  it("names execution, step, attempt and send, and gives them back", () => {
    const id = dispatchId("000-0j3k-abc", { step: "collect", attempt: 2, send: 13 });
    expect(id).toBe("000-0j3k-abc/collect/2/13");
    expect(parseDispatchId(id)).toEqual({
      executionId: "000-0j3k-abc",
      step: "collect",
      attempt: 2,
      send: 13,
    });
  });

  it.each([
    "",
    "e/s/1",
    "e/s/1/1/compensate",
    "e//1/1",
    "e/s/0/1",
    "e/s/1/01",
    "e/s/-1/1",
    "e/s/1/9999999999",
  ])("is not %s", (text) => expect(parseDispatchId(text)).toBeUndefined());
});
