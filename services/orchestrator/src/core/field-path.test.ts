import { describe, expect, it } from "vitest";
import { formatPath, parsePath } from "./field-path.ts";

describe("field paths", () => {
  it.each([
    ["steps", ["steps"]],
    ["steps[2].dependsOn[0]", ["steps", 2, "dependsOn", 0]],
    ['steps[0].with["odd key"].x', ["steps", 0, "with", "odd key", "x"]],
    ['labels["a\\"]b"]', ["labels", 'a"]b']],
    ['["odd root"][3]', ["odd root", 3]],
    ["[0].a", [0, "a"]],
    ["__proto__.constructor", ["__proto__", "constructor"]],
  ])("reads and writes %s", (path, parts) => {
    expect(parsePath(path)).toEqual(parts);
    expect(formatPath(parts)).toBe(path);
  });

  it("reads single quotes too", () => {
    expect(parsePath("input['odd key']")).toEqual(["input", "odd key"]);
  });

  it.each([
    "",
    ".a",
    "a.",
    "a..b",
    "a[",
    "a[]",
    "a[-1]",
    "a[01]",
    "a[1.5]",
    "a b",
    "a + b",
    "a()",
    "a-b",
    'a["b',
    "a['b\\'']",
    'a["\\x"]',
    "[0]a",
  ])("knows %j for none", (path) => {
    expect(parsePath(path)).toBeUndefined();
  });

  it("quotes the keys that are no names", () => {
    expect(formatPath(["labels", "my-team", "", 0])).toBe('labels["my-team"][""][0]');
  });
});
