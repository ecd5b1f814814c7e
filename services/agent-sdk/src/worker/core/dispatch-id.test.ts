import { expect, it } from "vitest";
import { parseDispatchId } from "./dispatch-id.ts";

it("takes a dispatch id apart", () => {
  expect(parseDispatchId("3-018f/collect/2/5")).toEqual({
    executionId: "3-018f",
    stepId: "collect",
    attempt: 2,
    idempotencyKey: "3-018f/collect",
  });
});

it("gives all attempts and sends of a step one key", () => {
  const keys = ["e/s/1/1", "e/s/1/2", "e/s/2/3"].map((id) => parseDispatchId(id).idempotencyKey);
  expect(new Set(keys)).toEqual(new Set(["e/s"]));
});

it("takes any other id for an execution and a key of its own", () => {
  for (const id of ["free", "a/b", "a/b/c", "a/b/c/d", "/s/1/1", "e/s/0/1", "e/s/1.5/1"])
    expect(parseDispatchId(id)).toEqual({ executionId: id, stepId: "", attempt: 1, idempotencyKey: id });
});
