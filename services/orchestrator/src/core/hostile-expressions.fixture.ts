import type { Scope } from "./expression-scope.ts";
import { jsonOf, jsonText, parsed } from "./json.ts";

/** An expression that is meant to hold the process, with the data it is meant to do it with. */
export type HostileCase = {
  readonly source: string;
  /** `refused` at registration; `costly`, `limited`: fails for its cost or for another limit; `harmless`: has a value. */
  readonly outcome: "refused" | "costly" | "limited" | "harmless";
};

/** Lengths that make a loop over a list spend nearly all that it may. */
const lengths = [1_000, 2_000, 3_000, 4_000, 6_000, 8_000];

const mebibyte = 1024 * 1024;

/** Fills one document of a mebibyte; each expression reads one or two of its parts. */
const document = jsonOf({
  small: Array.from({ length: 300 }, (_, index) => index),
  list: Array.from({ length: 10_000 }, (_, index) => index),
  objects: Array.from({ length: 3_000 }, (_, index) => ({ name: `file-${index}`, size: index, tags: [1] })),
  ...Object.fromEntries(
    lengths.map((length) => [`list${length}`, Array.from({ length }, (_, index) => index)]),
  ),
  long: Array.from({ length: 15_000 }, () => 0),
  wide: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index])),
  text: "a".repeat(150_000),
  words: "ab c1 ".repeat(10_000),
  digits: "9".repeat(50_000),
  needle: `${"a".repeat(40_000)}b${"a".repeat(40_000)}`,
  same: Array.from({ length: 15_000 }, () => 0),
});
const texts = jsonOf("a".repeat(mebibyte - 2));
const emptyLists = jsonText(`[${"[],".repeat(mebibyte / 3 - 1)}[]]`);
const deep = jsonText("[".repeat(mebibyte / 2) + "]".repeat(mebibyte / 2));
const outputs = new Map([
  ["text", texts],
  ["empty", emptyLists],
  ["deep", deep],
]);

/** Every document is parsed before: that is paid for once for a payload, not by each expression. */
export const hostileScope: Scope = {
  executionId: "e1",
  input: document,
  vars: jsonOf({}),
  output: (stepId) => outputs.get(stepId),
  status: () => "SUCCEEDED",
};
for (const output of outputs.values()) parsed(output);

const refused = [
  "(".repeat(900),
  `${"(".repeat(400)}1${")".repeat(400)}`,
  "[".repeat(900),
  "{1:".repeat(300),
  `${"[a,".repeat(300)}`,
  "!(".repeat(450),
  "-(".repeat(450),
  `${"{'a':{".repeat(160)}`,
  `")" + ${"(".repeat(400)}1${")".repeat(400)}`,
  `r"\\" + ${"[".repeat(400)}1${"]".repeat(400)}`,
  "f(".repeat(400),
  "a.b[c].".repeat(140),
  `1${"+1".repeat(450)}`,
  `true${" ? 1 : true".repeat(80)} ? 1 : 2${" + 1".repeat(5)} :`,
  `input.a${".a".repeat(450)} + 1`,
  "input.small.map(a, input.small.map(b, input.small.map(c, a + b + c)))",
  "input.small.all(a, input.small.all(b, input.small.all(c, input.small.all(d, a == d))))",
];

const costly = [
  // Only because of its errors: each is made, and made again at every || that it passes.
  "input.list4000.all(x, x.a || x.b || true)",
  "input.small.map(a, input.small.map(b, a + b))",
  "input.list.all(a, input.list.exists(b, a == b))",
  "input.list.map(x, input.list)",
  "input.list.map(x, input.list + input.list)",
  "input.list.map(x, string(x) + string(x) + string(x) + string(x) + string(x)).size() > 0",
  "input.list.exists(x, x.a || x.b || x.c || x.d || x.e || x.f || x.g)",
  "input.list.all(x, x.a || x.b || x.c || x.d || true)",
  "input.list.all(x, (1 || 2 || 3 || 4 || 5 || true))",
  "input.list.all(x, int('a') + int('b') == 2 || true)",
  "input.list.all(x, x > 'a' || x < 'b' || true)",
  "input.objects.all(o, input.objects.exists(p, p.name == o.name))",
  "input.small.all(x, input.same == input.long)",
  "input.small.all(x, x in input.long || true)",
  "input.small.all(x, size(input.wide) > 0)",
  "input.small.all(x, 1 in input.wide || true)",
  "input.list.all(x, (((((((((x.a || false) || false) || false) || false) || false) || false) || false) || false) || true))",
  "input.list.all(x, x && x && x && x || true)",
  "input.list.map(x, [x, [x, [x]]])",
  "input.list.map(x, {'a': x, 'b': [x], 'c': {'d': x}})",
  "input.list.all(x, {x.a: 1} == {} || {[]: 1} == {} || true)",
  "input.list.map(x, timestamp('2024-01-01T00:00:00Z') + duration('1s'))",
  "input.list.all(x, duration(string(x) + 's') < duration('1000h') && -x <= 0 && x * 2 - 1 != x / 3 % 5)",
  "input.list.all(x, 'a'.matches('[a-z0-9]{20}' + string(x)) || true)",
  "input.list.all(x, {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, 8: 8}[x % 8 + 1] > 0)",
  "[1, 2, 3, 4, 5].all(x, size(steps.text.output) > 0)",
  "input.small.all(x, (input.text + input.text).size() > 0)",
  "input.small.map(x, input.text + string(x)).size() > 0",
  "input.text.contains(input.needle)",
  "steps.text.output.matches('^a+$')",
  "input.text.matches('^(a|aa)+$')",
  "input.words.matches('^(\\\\w|\\\\w\\\\w)*$')",
  "input.words.matches('(a?){30}a{30}[0-9]')",
  "input.words.matches('([a-z]|[a-c]|[b-z0-9 ]){100}[A-Z]')",
  "input.list.all(x, string(x).matches('([a-z]{3}|[0-9]+x){50}') || true)",
  "input.list.all(x, 'a'.matches('[a-z]{' + string(x) + '}') || true)",
  "input.list.all(x, timestamp('2024-01-01T00:00:00Z').getHours('+02:00') == 2 && x >= 0 && x + 1 > 0)",
  `[${"input.long, ".repeat(8)}1]`,
  "steps.empty.output == steps.empty.output && true",
  "[steps.empty.output]",
  "true ? input : 0",
  "bytes(input.text + input.text + input.text + input.text).size() > 0 && input.list.all(x, bytes(input.text).size() > 0)",
  "input.list.filter(x, x % 2 == 0 && x % 3 == 0 && x % 5 == 0 || x > 5000).size() > 0",
];

const limited = [
  "int(input.digits) == 1",
  "double(input.digits) == 1.0",
  "duration(input.digits) == duration('1s')",
  "timestamp(input.digits) == timestamp(0)",
  "'a'.matches(input.text)",
  "'a'.matches('((a{30}){30}){30}')",
  "'a'.matches('(a{1000}){1000}')",
  `'a'.matches('(${"a".repeat(150)}){900}')`,
  "'a'.matches('\\\\pL{500}')",
  "'a'.matches('[')",
  "input.long.all(x, true)",
  "input.wide.all(x, true)",
  "steps.empty.output.all(x, true)",
  "[steps.deep.output]",
  "steps.deep.output == [steps.deep.output] || true",
  "steps.text.output == steps.empty.output",
  "{input.text: 1, input.text: 2}",
  "bool(input.text)",
];

const harmless = [
  "input.list.map(x, 'abcdefgh'.contains(string(x)) ? 1.5 : double(x))",
  "steps.text.output.size() > 0",
  "steps.text.output.startsWith('b')",
  "steps.text.output + 'b' == 'a'",
  "input.small.map(x, x * 2)",
  "input.objects.filter(o, o.size > 2990).map(o, o.name)",
  "input.list.exists(x, x == 9999)",
  "input.same == input.long",
  "-1 in input.list",
  "'k9' in input.wide",
  "input.list + input.list == input.list",
  `!${"!".repeat(900)}true`,
  `${"-".repeat(899)}1`,
  `${"!(".repeat(24)}true${")".repeat(24)}`,
  `${"[".repeat(24)}${"]".repeat(24)}`,
  `[${"((((((((((1)))))))))),".repeat(40)}1]`,
  `[${"{1:{1:{1:[[1]]}}},".repeat(25)}1]`,
  `${"true?(".repeat(20)}1${"):2".repeat(20)}`,
  `"${"\\u0041".repeat(160)}".size()`,
  `//${" (".repeat(400)}\n1`,
];

/** Every case, each with what must become of it. */
export const hostileCases: readonly HostileCase[] = [
  ...cases(refused, "refused"),
  ...cases(costly, "costly"),
  ...cases(limited, "limited"),
  ...cases(harmless, "harmless"),
];

/** The loops that are refused over 10,000 elements, over fewer: some of them spend nearly all they may. */
export const nearlyCostly: readonly string[] = costly
  .filter((source) => source.includes("input.list."))
  .flatMap((source) => lengths.map((length) => source.replaceAll("input.list.", `input.list${length}.`)));

function cases(sources: readonly string[], outcome: HostileCase["outcome"]): readonly HostileCase[] {
  return sources.map((source) => ({ source, outcome }));
}
