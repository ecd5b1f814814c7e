import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { attributesOf, type ExportedSpan, spansOfExport } from "../mesh/traced-run.ts";
import { drawTrace } from "./draw-trace.ts";

const reference = join(import.meta.dirname, "../../docs/reference");
const read = (name: string): string => readFileSync(join(reference, name), "utf8");
const spans = spansOfExport(read("traces/site-release.jsonl"));
const page = read("traces.md");

function namesIn(...parts: readonly (readonly ExportedSpan[])[]): readonly string[] {
  const ofSpans = parts
    .flat()
    .flatMap((span) => [
      ...Object.keys(attributesOf(span)),
      ...(span.events ?? []).flatMap((event) => [event.name, ...Object.keys(attributesOf(event))]),
      ...(span.links ?? []).flatMap((link) => Object.keys(attributesOf(link))),
    ]);
  return [...new Set(ofSpans)].sort();
}

describe("the page on traces", () => {
  it("shows a drawing of the export that lies beside it", () => {
    expect(page).toContain("](traces/site-release.svg)");
    expect(page).toContain("](traces/site-release.jsonl)");
    expect(read("traces/site-release.svg")).toBe(drawTrace(spans));
  });

  it("has that export whole: one trace, one tree", () => {
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(ids.size).toBe(spans.length);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(spans.filter(({ parentSpanId = "" }) => !ids.has(parentSpanId)).map(({ name }) => name)).toEqual([
      "weft.execution site-release",
    ]);
  });

  it("explains every attribute and event that the export has", () => {
    const names = namesIn(spans);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
