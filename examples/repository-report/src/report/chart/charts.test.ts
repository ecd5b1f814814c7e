import { expect, test } from "vitest";
import { fileKinds } from "../../collect/languages.ts";
import type { Cell, Measures } from "../../measure/measures.ts";
import { type Chart, inlineSvg, svgFile } from "./chart.ts";
import { folderMap } from "./folder-map.ts";
import { kindBand } from "./kind-band.ts";
import { languageBars } from "./language-bars.ts";
import { fitText, textSize, textWidth } from "./text-fit.ts";

const names = [
  "WWWWWWWWWWWWWWWWWWWW",
  "日本語のとても長いフォルダーの名前",
  "iiiiiiiiiiiiiiiiiiiiiiiii",
  "👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
  "<&\"'>",
  "a",
];
const sizes = [900_000, 120_000, 30_000, 4_000, 300, 1];

function cell(index: number, share = 1): Cell {
  const bytes = Math.max(1, Math.round((sizes[index] ?? 1) * share));
  return { name: names[index] ?? "", files: 1, bytes, lines: bytes, kind: fileKinds[index] ?? "other" };
}

const folders: Measures["folders"] = sizes.map((_, outer) => ({
  ...cell(outer),
  cells: sizes.map((__, inner) => cell(inner, (sizes[outer] ?? 1) / 1_054_301)),
}));
const kinds: Measures["kinds"] = fileKinds.map((kind, index) => ({
  kind,
  files: 1,
  bytes: 1,
  lines: 10 ** (7 - index),
}));
const languages: Measures["languages"] = Array.from({ length: 14 }, (_, index) => ({
  language: names[index] ?? `Language ${index}`,
  files: 1,
  bytes: 1,
  lines: Math.ceil(12_345_678 / (index + 1) ** 3),
}));

const widths = [350, 520, 708, 936];
const charts: readonly (readonly [string, Chart])[] = widths.flatMap((width) => [
  [`folders at ${width}`, folderMap(folders, width, 440)] as const,
  [`kinds at ${width}`, kindBand(kinds, width)] as const,
  [`languages at ${width}`, languageBars(languages, width)] as const,
]);

interface Text {
  readonly left: number;
  readonly right: number;
  readonly y: number;
}

/** Where the texts of a chart reach at most, by the widest font. */
function textsOf(chart: Chart): Text[] {
  const pattern =
    /<text([^>]*) x="([\d.-]+)" y="([\d.-]+)"( text-anchor="end")?>([^<]*)<\/text>|<text x="([\d.-]+)" y="([\d.-]+)"( text-anchor="end")?>([^<]*)<\/text>/g;
  return [...chart.body.markup.matchAll(pattern)].map((match) => {
    const x = Number(match[2] ?? match[6]);
    const y = Number(match[3] ?? match[7]);
    const text = (match[5] ?? match[9] ?? "").replace(/&(?:lt|gt|amp|quot|#39);/g, "m");
    const width = textWidth(text, (match[1] ?? "").includes("small") ? 12 : textSize);
    return match[4] === undefined && match[8] === undefined
      ? { left: x, right: x + width, y }
      : { left: x - width, right: x, y };
  });
}

test.each(charts)("text stays within: %s", (_, chart) => {
  const texts = textsOf(chart);
  expect(texts.length).toBeGreaterThan(4);
  expect(texts.length).toBe(chart.body.markup.split("<text").length - 1);
  for (const text of texts) {
    expect(text.left).toBeGreaterThanOrEqual(0);
    expect(text.right).toBeLessThanOrEqual(chart.width + 0.5);
    expect(text.y).toBeGreaterThan(0);
    expect(text.y).toBeLessThanOrEqual(chart.height);
  }
});

test.each(charts)("texts on one line keep apart: %s", (_, chart) => {
  for (const line of Map.groupBy(textsOf(chart), (text) => text.y).values()) {
    const sorted = line.toSorted((a, b) => a.left - b.left);
    for (const [index, text] of sorted.entries()) {
      expect(text.right).toBeLessThanOrEqual((sorted[index + 1]?.left ?? Number.POSITIVE_INFINITY) + 0.5);
    }
  }
});

test.each(charts)("no coordinate is wrong or below zero: %s", (_, chart) => {
  expect(chart.body.markup).not.toMatch(/NaN|Infinity|undefined/);
  expect(chart.body.markup).not.toMatch(/ (?:x|y|width|height)="-/);
});

test("a chart says what it shows, and escapes the names it shows", () => {
  const svg = inlineSvg(folderMap(folders, 708, 440), "desk").markup;
  expect(svg).toContain('role="img" aria-label="Size by folder. Of 1.05 MB: WWWW');
  expect(svg).toContain("&lt;&amp;&quot;&#39;&gt;");
  expect(svg).not.toContain("<&");
});

test("a chart of its own brings its colours for light and dark", () => {
  const svg = svgFile(kindBand(kinds, 720));
  expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  expect(svg).toContain("@media (prefers-color-scheme: dark)");
});

test("languages past the ninth share a bar", () => {
  const { description } = languageBars(languages, 708);
  expect(description).toContain("6 others");
  expect(languageBars(languages.slice(0, 9), 708).description).not.toContain("others");
});

test("what fits is left as it is, what does not ends in an ellipsis, and a stump is left out", () => {
  expect(fitText("package.json", 200)).toBe("package.json");
  const cut = fitText("package-lock.json", 80);
  expect(cut).toMatch(/^pack.*…$/);
  expect(textWidth(cut)).toBeLessThanOrEqual(80);
  expect(fitText("package-lock.json", 20)).toBe("");
  expect(fitText("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 70)).toBe("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦…");
});
