import { describe, expect, it } from "vitest";
import { evaluationCostMax, expressionLengthMax } from "./definition-limits.ts";
import { evaluate, parseExpression } from "./expression.ts";
import { type HostileCase, hostileCases, hostileScope, nearlyCostly } from "./hostile-expressions.fixture.ts";

function outcomeOf(source: string): HostileCase["outcome"] {
  const read = parseExpression(source);
  if (!read.ok) return "refused";
  const evaluation = evaluate(read.expression, hostileScope);
  if (evaluation.ok) return "harmless";
  return evaluation.message.includes(`costs more than ${evaluationCostMax}`) ? "costly" : "limited";
}

describe("hostile expressions", () => {
  it.each(hostileCases)("$outcome: $source", ({ source, outcome }) => {
    expect(source.length).toBeLessThanOrEqual(expressionLengthMax);
    expect(outcomeOf(source)).toBe(outcome);
  });

  it("come to the same end each time, so that a replay does what the first run did", () => {
    for (const source of nearlyCostly) expect(outcomeOf(source), source).toBe(outcomeOf(source));
  });

  it("can spend nearly all they may: the cases try the limit and not only the refusals", () => {
    const outcomes = new Set(nearlyCostly.map(outcomeOf));
    expect(outcomes).toContain("harmless");
    expect(outcomes).toContain("costly");
  });
});
