import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { evaluate, parseExpression } from "./expression.ts";
import { type JsonValue, jsonOf } from "./json.ts";

const page = readFileSync(new URL("../../../../docs/reference/expressions.md", import.meta.url), "utf8");

type Data = { readonly input: JsonValue; readonly vars: JsonValue; readonly collect: JsonValue };

const data = JSON.parse(blocksOf("json").join("")) as Data;
const examples = blocksOf("cel").flatMap((block) => block.trim().split("\n"));

function blocksOf(language: string): readonly string[] {
  return [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, block]) =>
    name === language ? [block!] : [],
  );
}

function endOf(source: string): string {
  const read = parseExpression(source);
  if (!read.ok) return `✗ ${read.message}`;
  const evaluation = evaluate(read.expression, {
    executionId: "e1",
    input: jsonOf(data.input),
    vars: jsonOf(data.vars),
    output: (stepId) => (stepId === "collect" ? jsonOf(data.collect) : undefined),
    status: (stepId) => (stepId === "collect" ? "SUCCEEDED" : "SKIPPED"),
  });
  return evaluation.ok ? `→ ${evaluation.json.text}` : `✗ ${evaluation.message}`;
}

describe("the reference of expressions", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThan(50);
  });

  it.each(examples)("is right that %s", (example) => {
    const [, source = "", mark, end = ""] = /^(.*?)\s+([→✗]) (.*)$/.exec(example) ?? [];
    const found = endOf(source);
    if (mark === "→") expect(JSON.parse(found.slice(2))).toEqual(JSON.parse(end));
    else expect(found).toMatch(new RegExp(`^✗ (?:"(?:[^"\\\\]|\\\\.)*" )?${escaped(end)}$`));
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
