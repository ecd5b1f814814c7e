import { expect, test } from "vitest";
import { markdownAnchors } from "./markdown-anchors.ts";

function anchors(text: string): string[] {
  return [...markdownAnchors(text)];
}

test.each([
  ["# Getting started", "getting-started"],
  ["### What's new in v1.2?", "whats-new-in-v12"],
  ["## A & B", "a--b"],
  ["## `npm run demo` ##", "npm-run-demo"],
  ["## `snake_case` and _emphasis_", "snake_case-and-emphasis"],
  ["## snake_case_name", "snake_case_name"],
  ["## **Bold** *and* [linked](x.md) [too][ref]", "bold-and-linked-too"],
  ["## ![icon](x.svg) With an icon", "-with-an-icon"],
  ["## 🚀 Start", "-start"],
  ["## Größe und Länge", "größe-und-länge"],
  ["## 日本語 の 見出し", "日本語-の-見出し"],
  ["## Array<string | number>", "arraystring--number"],
  ["## <em>Set</em> in HTML", "set-in-html"],
  ["## One&nbsp;two", "onetwo"],
  ["## a \\* b", "a--b"],
  ["#", ""],
  ["Underlined\n===", "underlined"],
  ["Underlined\n---", "underlined"],
  ["> ## Quoted", "quoted"],
])("%j makes #%s", (text, anchor) => {
  expect(anchors(text)).toEqual([anchor]);
});

test.each([
  ["#hashtag"],
  ["####### seven"],
  ["    # code"],
  ["```\n# comment\n```"],
  ["<!--\n# hidden\n-->"],
  ["---\n---"],
])("%j heads nothing", (text) => {
  expect(anchors(text)).toEqual([]);
});

test("the same heading again gets a number, and skips one that is taken", () => {
  expect(anchors("# A\n# A-1\n# A\n# A")).toEqual(["a", "a-1", "a-2", "a-3"]);
});

test("ids and names in HTML are anchors too, but not in code", () => {
  expect(anchors('<a name="One"></a> <h2 id=two> <div\n id=\'three\'> `<a id="four">`')).toEqual([
    "one",
    "two",
    "three",
  ]);
});
