import { describe, expect, it } from "vitest";
import type { Problem } from "../core/problem.ts";
import type { RuleSet } from "../core/rule.ts";
import { readRules } from "./rule-text.ts";
import { shippedRules } from "./story.fixture.ts";
import { ruleBytesMax } from "./yaml-text.ts";

const receivers = new Set(["default", "team"]);

function rulesOf(text: string): RuleSet {
  const read = readRules(text, shippedRules, receivers);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.rules;
}

function problemsOf(text: string): readonly Problem[] {
  const read = readRules(text, shippedRules, receivers);
  return read.ok ? [] : read.problems;
}

/** Line, field and message of each problem. */
function linesOf(text: string): readonly string[] {
  return problemsOf(text).map(({ line, field, message }) => `${line}: ${field} ${message}`);
}

const rule = (rest: string) => `
rules:
  - name: mine
    severity: warning
    escalation: page
    summary: "late"
    ${rest}`;

const stuck = "signal: { kind: step_stuck, noProgressFor: 5m }";

describe("rules", () => {
  it("are the shipped ones when the file says nothing", () => {
    expect(rulesOf("").rules).toHaveLength(20);
    expect(rulesOf("{}")).toEqual(rulesOf(""));
  });

  it("of the name of a shipped one say only what is different", () => {
    const rules = rulesOf(`
rules:
  - { name: step-stuck, signal: { noProgressFor: 2h }, severity: critical }
  - { name: agent-lost, enabled: false }
  - { name: queue-age, signal: { kind: no_capacity, over: 5s }, summary: "none" }
flapping: { fires: 9 }`);
    const named = (name: string) => rules.rules.find((one) => one.name === name);
    expect(named("step-stuck")).toMatchObject({
      severity: "critical",
      forMs: 60_000,
      signal: { noProgressForMs: 7_200_000 },
    });
    expect(named("agent-lost")?.isEnabled).toBe(false);
    expect(named("queue-age")?.signal).toEqual({ kind: "no_capacity", overMs: 5_000 });
    expect(rules.flapping).toEqual({ fires: 9, withinMs: 3_600_000, holdMs: 900_000 });
    expect(rules.rules.length).toBe(rulesOf("").rules.length);
  });

  it("of another name are added, with the defaults", () => {
    const { rules, inhibitions } = rulesOf(`${rule(stuck)}
inhibitions: [{ source: { rule: mine }, target: { rule: step-stuck } }]`);
    expect(rules.at(-1)).toEqual({
      name: "mine",
      signal: { kind: "step_stuck", noProgressForMs: 300_000 },
      match: {},
      severity: "warning",
      forMs: 0,
      keepFiringForMs: 0,
      summary: "late",
      runbook: undefined,
      labels: {},
      groupBy: ["rule", "namespace", "workflow"],
      escalation: "page",
      isEnabled: true,
    });
    expect(inhibitions.at(-1)).toEqual({
      source: { rule: ["mine"] },
      target: { rule: ["step-stuck"] },
      equal: [],
    });
  });

  it.each([
    ["signal: { kind: step_stuck }", "7: rules[0].signal.noProgressFor is missing"],
    [
      "signal: { kind: stuck }",
      '7: rules[0].signal.kind "stuck" is unknown: must be execution_sla, step_sla, ',
    ],
    [
      "signal: { kind: queue_age, over: 5m, at: 1 }",
      "7: rules[0].signal.at is unknown: the fields here are kind, over",
    ],
    ["signal: { kind: queue_age, over: 5 }", "7: rules[0].signal.over must be text, is a number"],
    ["signal: { kind: queue_age, over: 5x }", '7: rules[0].signal.over "5x" must be a duration such as'],
    ["signal: { kind: queue_age, over: 31d }", '7: rules[0].signal.over must be from 1s to 30d, is "31d"'],
    ["signal: soon", "7: rules[0].signal must be an object, is text"],
    [`${stuck}\n    for: -1s`, '8: rules[0].for "-1s" must be a duration'],
    [
      `${stuck}\n    match: { zone: eu }`,
      "8: rules[0].match.zone is unknown: the fields here are namespace, workflow",
    ],
    [`${stuck}\n    match: { workflow: [] }`, "8: rules[0].match.workflow must have at least one pattern"],
    [`${stuck}\n    labels: { "a-b": x }`, '8: rules[0].labels["a-b"] is no name of a label'],
    [`${stuck}\n    fro: 5m`, "8: rules[0].fro is unknown: the fields here are name, signal"],
    [`${stuck}\n    enabled: maybe`, "8: rules[0].enabled must be true or false, is text"],
  ])("with %j are refused with the field and the line", (rest, expected) => {
    expect(linesOf(rule(rest))[0]).toContain(expected);
  });

  it.each([
    ["rules: [{ name: mine }]", "1: rules[0].signal is missing"],
    [`${rule(stuck)}\n  - { name: mine }`, "8: rules[1].name is that of rules[0]"],
    ["rules: [{ name: My Rule }]", '1: rules[0].name "My Rule" is no name of a rule'],
    ["rules: { a: 1 }", "1: rules must be a list, is an object"],
    ["escalations: [{ name: page, stages: [] }]", "1: escalations[0].stages must have at least one stage"],
    [
      "escalations: [{ name: page, stages: [{ receivers: boss }] }]",
      '1: escalations[0].stages[0].receivers there is no receiver "boss": there are default, team',
    ],
    ["rules: [{ name: agent-lost, escalation: nobody }]", '1: rules[0].escalation "nobody" is no escalation'],
    [
      'rules: [{ name: agent-lost, summary: "${count} lost" }]',
      '1: rules[0].summary "${count} lost" names ${count}: there are agent, name',
    ],
    ["inhibitions: [{ target: {} }]", "1: inhibitions[0].source is missing"],
    [
      "rules: [{ name: workflow-error-burn, signal: { short: 6h } }]",
      "1: rules[0].signal.short must be shorter than long",
    ],
    ["grouping: { wait: 2d }", '1: grouping.wait must be from 0s to 1d, is "2d"'],
    ["escalations: [soon]", "1: escalations[0] must be an object, is text"],
    [
      "escalations: [{ name: page, stages: [soon] }]",
      "1: escalations[0].stages[0] must be an object, is text",
    ],
    ["escalations: [{ name: page, repeat: soon }]", "1: escalations[0].repeat must be an object, is text"],
    ["escalations: [{ name: page, repeat: { every: 1h } }]", "1: escalations[0].repeat.times is missing"],
    [
      "escalations: [{ name: page, repeat: { every: 1s, times: 1.5 } }]",
      "1: escalations[0].repeat.times must be a whole number from 1 to 1000, is 1.5",
    ],
    [
      "escalations: [{ name: page, stages: [{ receivers: [team, team] }] }]",
      "1: escalations[0].stages[0].receivers must each be named once",
    ],
    [
      "escalations: [{ name: page, stages: [{ receivers: [1] }] }]",
      "1: escalations[0].stages[0].receivers must all be texts",
    ],
    [
      "escalations: [{ name: page, stages: [{ receivers: team, severity: 1 }] }]",
      "1: escalations[0].stages[0].severity must be text, is a number",
    ],
    ["inhibitions: [null]", "1: inhibitions[0] must be an object, is null"],
    ["flapping: soon", "1: flapping must be an object, is text"],
    ["flapping: { fires: often }", "1: flapping.fires must be a whole number from 2 to 50, is text"],
    ["grouping: 7", "1: grouping must be an object, is a number"],
    [
      "rules: [{ name: agent-lost, groupBy: 7 }]",
      "1: rules[0].groupBy must be text or a list of texts, is a number",
    ],
    ["rules: [{ name: agent-lost, labels: soon }]", "1: rules[0].labels must be an object, is text"],
    ["rules: [7]", "1: rules[0] must be an object, is a number"],
    [
      `rules: [{ name: agent-lost, runbook: ${"x".repeat(257)} }]`,
      "1: rules[0].runbook must have at most 256 characters",
    ],
    [
      `inhibitions: [{ source: { a: b }, target: {}, equal: [${"a,".repeat(21)}] }]`,
      "1: inhibitions[0].equal must be at most 20, are 21",
    ],
    [
      `inhibitions: [{ source: { ${Array.from({ length: 33 }, (_, label) => `l${label}: x`).join(", ")} }, target: {} }]`,
      "1: inhibitions[0].source must have at most 32 labels",
    ],
    [
      `rules: [{ name: agent-lost, labels: { ${Array.from({ length: 33 }, (_, label) => `l${label}: x`).join(", ")} } }]`,
      "1: rules[0].labels must be at most 32",
    ],
    ["colour: red", "1: colour is unknown: the fields here are rules"],
    ["rules: [\n", "line"],
    ["a: 1\na: 2", 'the key "a" is repeated'],
    ["[]", "must be an object, is a list"],
    ["a: !!js/function x", "Unresolved tag"],
  ])("that say %j are refused: %s", (text, expected) => {
    expect([...linesOf(text), ...problemsOf(text).map(() => "line")].join("\n")).toContain(expected);
  });

  it("are refused with all their problems at once, up to a hundred", () => {
    const many = Array.from(
      { length: 150 },
      (_, number) => `  - { name: r${number}, signal: 1, severity: info, summary: s, escalation: page }`,
    );
    const problems = problemsOf(`rules:\n${many.join("\n")}`);
    expect(problems).toHaveLength(101);
    expect(problems[149 - 50]).toMatchObject({ field: "rules[99].signal", line: 101 });
    expect(problems.at(-1)?.message).toBe("and 50 more");
  });

  it("are refused when they are too large, too deep, or too many", () => {
    expect(problemsOf(`# ${"x".repeat(ruleBytesMax)}`)[0]?.message).toMatch(/the limit is 262144/);
    expect(problemsOf(`rules: ${"[".repeat(20_000)}`)).not.toEqual([]);
    const many = Array.from({ length: 501 }, (_, number) => `  - { name: r${number} }`).join("\n");
    expect(problemsOf(`rules:\n${many}`)[0]?.message).toBe("must be at most 500, are 501");
  });
});
