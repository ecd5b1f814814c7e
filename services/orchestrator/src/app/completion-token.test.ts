import { expect, it } from "vitest";
import { completionOf, completionToken } from "./completion-token.ts";

it("stands for a dispatch id, and is safe in a URL", () => {
  const token = completionToken("000-0o5uatc00-00000001/a/1/2");
  expect(token).toMatch(/^w1\.[A-Za-z0-9_-]+$/);
  expect(completionOf(token)).toBe("000-0o5uatc00-00000001/a/1/2");
});

it("is nothing else", () => {
  expect(completionOf("")).toBeUndefined();
  expect(completionOf("w2.YWJj")).toBeUndefined();
});
