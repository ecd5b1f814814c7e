import { expect, test } from "vitest";
import { linkTarget } from "./link-target.ts";

test.each([
  ["docs/a.md", "b.md", "docs/b.md"],
  ["docs/a.md", "./b.md", "docs/b.md"],
  ["docs/a.md", "../b.md", "b.md"],
  ["docs/a.md", "/b.md", "b.md"],
  ["docs/a.md", "deep/../b%20c.md", "docs/b c.md"],
  ["docs/a.md", "b.md?raw=true", "docs/b.md"],
  ["docs/a.md", "./", "docs"],
  ["docs/a.md", "../", ""],
  ["a.md", "%E6%97%A5.md", "日.md"],
])("in %s, %s leads to %j", (from, target, path) => {
  expect(linkTarget(from, target)).toEqual({ kind: "inside", path, anchor: null });
});

test("reads the anchor, with and without a path", () => {
  expect(linkTarget("a.md", "#x%20y")).toEqual({ kind: "inside", path: null, anchor: "x y" });
  expect(linkTarget("a.md", "b.md?x#y")).toEqual({ kind: "inside", path: "b.md", anchor: "y" });
  expect(linkTarget("a.md", "#")).toEqual({ kind: "inside", path: null, anchor: null });
});

test.each([
  ["https://example.org/a.md"],
  ["mailto:a@example.org"],
  ["//example.org/x"],
  ["HTTP://x"],
  ["{{ site.url }}/a"],
])("%s is external", (target) => {
  expect(linkTarget("a.md", target)).toEqual({ kind: "external" });
});

test("a path above the root is outside", () => {
  expect(linkTarget("docs/a.md", "../../issues")).toEqual({ kind: "outside", path: "../issues" });
});

test("a broken escape is malformed", () => {
  expect(linkTarget("a.md", "100%.md")).toEqual({ kind: "malformed" });
});
