import { expect, test } from "vitest";
import { markdownLinks } from "./markdown-links.ts";

function targets(text: string): string[] {
  return markdownLinks(text).map((link) => link.target);
}

test("finds links and images, each with its line, whatever the line ends", () => {
  const text = '# A\r\n\r\nSee [b](b.md) and\r\n![c](img/c.png "a title").\r\n';
  expect(markdownLinks(text)).toEqual([
    { kind: "link", target: "b.md", line: 3 },
    { kind: "image", target: "img/c.png", line: 4 },
  ]);
});

test.each([
  ["[a](<with space.md>)", ["with space.md"]],
  ["[a](with%20space.md)", ["with%20space.md"]],
  ["[a](a(1).md)", ["a(1).md"]],
  ["[a](a\\(1.md)", ["a(1.md"]],
  ["[a]( b.md 'title' )", ["b.md"]],
  ["[a](b.md (title))", ["b.md"]],
  ["[a](#anchor)", ["#anchor"]],
  ["[a]()", [""]],
  ["[![icon](icon.svg)](page.md)", ["page.md", "icon.svg"]],
  ["[a [nested] label](b.md)", ["b.md"]],
  ["[a\nlabel](b.md)", ["b.md"]],
  ["[`code` label](b.md)", ["b.md"]],
  ["[日本](日本.md)", ["日本.md"]],
  ["[a](x.md?a=1&amp;b=2)", ["x.md?a=1&b=2"]],
  ["- item [a](b.md)\n  - deeper [c](d.md)", ["b.md", "d.md"]],
  ["> quoted [a](b.md)", ["b.md"]],
  ["| [a](b.md) | [c](d.md) |", ["b.md", "d.md"]],
])("%j links to %j", (text, expected) => {
  expect(targets(text).toSorted()).toEqual(expected.toSorted());
});

test.each([
  ["\\[a](b.md)"],
  ["[a\\](b.md)"],
  ["a](b.md)"],
  ["[a](b c.md)"],
  ["[a](b.md 'title)"],
  ["[a]\n\n(b.md)"],
  ["[a\n\nlabel](b.md)"],
  ["[a] (b.md)"],
  ["- [ ] a task"],
  ["`[a](b.md)`"],
  ["``[a](b.md) ` [c](d.md)``"],
  ["a `code\nspan [a](b.md)` end"],
  ["    [a](b.md)"],
  ["\t[a](b.md)"],
  ["```\n[a](b.md)\n```"],
  ["~~~md\n[a](b.md)\n```\n[c](d.md)\n~~~"],
  ["````\n```\n[a](b.md)\n````"],
  ["- item\n\n  ```\n  [a](b.md)\n  ```"],
  ["> ```\n> [a](b.md)\n> ```"],
  ["```\n[a](b.md) never closed"],
  ["<!-- [a](b.md)\n[c](d.md) -->"],
  ["<!-- never closed\n\n[a](b.md)"],
  ["---\ntitle: '[a](b.md)'\n---\n"],
  ["[^1]: footnote"],
  ["[note]: this is a sentence"],
])("%j links to nothing", (text) => {
  expect(targets(text)).toEqual([]);
});

test("goes on after code: a fence closes, a span ends, a quoted fence ends with its quotation", () => {
  expect(targets("```\nx\n```\n[a](b.md)")).toEqual(["b.md"]);
  expect(targets("`x` [a](b.md)")).toEqual(["b.md"]);
  expect(targets("\\`[a](b.md)\\`")).toEqual(["b.md"]);
  expect(targets("an unpaired ` and [a](b.md)\n\nanother `")).toEqual(["b.md"]);
  expect(targets("> ```\n> x\n\n[a](b.md)")).toEqual(["b.md"]);
  expect(targets("<!-- x --> [a](b.md)")).toEqual(["b.md"]);
});

test("text under a list item, however deep, is no code", () => {
  expect(targets("1. item\n\n    [a](b.md)")).toEqual(["b.md"]);
});

test("finds the targets of references where they are defined", () => {
  const text = "See [a][one] and [two].\n\n[one]: b.md\n[two]: <c d.md> 'Title'\n> [three]:\n> e.md\n";
  expect(markdownLinks(text)).toEqual([
    { kind: "link", target: "b.md", line: 3 },
    { kind: "link", target: "c d.md", line: 4 },
  ]);
});

test("finds links and images in HTML, quoted or not", () => {
  const text = '<p><a class=x href=\'b.md\'>b</a>\n<img\n  alt="" src="c.png"> <a href=d.md> <a id="e">';
  expect(markdownLinks(text)).toEqual([
    { kind: "link", target: "b.md", line: 1 },
    { kind: "image", target: "c.png", line: 2 },
    { kind: "link", target: "d.md", line: 3 },
  ]);
});

test.each([
  ["](".repeat(100_000)],
  ["[a](".repeat(50_000)],
  ["[".repeat(200_000)],
  [Array.from({ length: 600 }, (_, index) => "`".repeat(index + 1)).join(" ")],
  ["<!-- ".repeat(40_000)],
  [" ".repeat(200_000)],
])("text made to be slow is read in no time (%#)", { timeout: 2_000 }, (text) => {
  expect(targets(text)).toEqual([]);
});
