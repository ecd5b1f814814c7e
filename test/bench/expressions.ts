/**
 * `node test/bench/expressions.ts`: how long hostile expressions hold the process, and how fast ordinary ones are.
 * Exits with 1 when one holds it for more than 50 ms of processor time.
 */
import { type Expression, evaluate, parseExpression } from "@weft/orchestrator/expression";
import {
  hostileCases,
  hostileScope,
  nearlyCostly,
} from "../../services/orchestrator/src/core/hostile-expressions.fixture.ts";
import { median } from "./statistics.ts";

const holdMsMax = 50;
const rounds = 9;

type Timing = { readonly source: string; readonly ms: number };

const ordinary = [
  "steps.collect.output.count > 0",
  "steps.collect.output.count > 0 && steps.check.status == 'SUCCEEDED'",
  "steps.collect.output.files.filter(f, f.size > 50).map(f, f.path)",
  "input.name + '-' + execution.id",
];

function jsonText(value: object): { readonly text: string } {
  return { text: JSON.stringify(value) };
}

const ordinaryScope = {
  executionId: "e1",
  input: jsonText({ name: "report" }),
  vars: jsonText({}),
  output: () => collected,
  status: () => "SUCCEEDED",
};
const collected = jsonText({
  count: 3,
  files: Array.from({ length: 100 }, (_, index) => ({ path: `${index}.ts`, size: index })),
});

/** What the main thread spent, in the median of some rounds: others may want the processor at the same time. */
function medianMs(work: () => void): number {
  const timings = Array.from({ length: rounds }, () => {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return median(timings);
}

function expressionOf(source: string): Expression | undefined {
  const parsed = parseExpression(source);
  return parsed.ok ? parsed.expression : undefined;
}

function timeEvaluation(source: string): Timing {
  const expression = expressionOf(source);
  if (expression === undefined) return { source, ms: 0 };
  return { source, ms: medianMs(() => evaluate(expression, hostileScope)) };
}

function perSecond(source: string): number {
  const expression = expressionOf(source);
  if (expression === undefined) throw new Error(`refused: ${source}`);
  const times = 5_000;
  const ms = medianMs(() => {
    for (let count = 0; count < times; count += 1) evaluate(expression, ordinaryScope);
  });
  return Math.round((times / ms) * 1_000);
}

function worst(what: string, timings: readonly Timing[]): number {
  const [slowest] = timings.toSorted((one, other) => other.ms - one.ms);
  if (slowest === undefined) return 0;
  process.stdout.write(`worst ${what}: ${slowest.ms.toFixed(1)} ms  ${slowest.source.slice(0, 90)}\n`);
  return slowest.ms;
}

function pathsMs(): number {
  const sources = Array.from({ length: 20_000 }, (_, index) => `steps.step_${index}.output.a.b[0]`);
  return medianMs(() => sources.forEach(expressionOf));
}

/** What no expression pays for: a payload is parsed once, by the first expression that goes into it. */
function payloadMs(): number {
  const members = Array.from({ length: 70_000 }, (_, index) => ({ [`k${index}`]: 1 }));
  const text = JSON.stringify(members).slice(0, 1024 * 1024);
  const whole = `${text.slice(0, text.lastIndexOf(","))}]`;
  return medianMs(() => JSON.parse(whole));
}

const sources = [...hostileCases.map(({ source }) => source), ...nearlyCostly];
process.stdout.write(
  `${sources.length} hostile expressions, processor time, the median of ${rounds} rounds each\n`,
);
const parseMs = worst(
  "parse",
  sources.map((source) => ({ source, ms: medianMs(() => parseExpression(source)) })),
);
const evaluationMs = worst("evaluation", sources.map(timeEvaluation));
for (const source of ordinary) process.stdout.write(`${perSecond(source)}/s  ${source}\n`);
process.stdout.write(`20,000 plain paths parse in ${pathsMs().toFixed(1)} ms\n`);
process.stdout.write(
  `a payload of 1 MiB with as many different keys as fit: JSON.parse ${payloadMs().toFixed(1)} ms\n`,
);
process.exitCode = Math.max(parseMs, evaluationMs) > holdMsMax ? 1 : 0;
