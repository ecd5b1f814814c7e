import { severities } from "./alert.ts";
import { readMatchers } from "./check-matchers.ts";
import { readRule } from "./check-rule.ts";
import {
  escalationsMax,
  inhibitionsMax,
  problemsMax,
  rulesMax,
  stageReceiversMax,
  stagesMax,
} from "./limits.ts";
import type { Problem } from "./problem.ts";
import type { Escalation, Flapping, Grouping, Inhibition, Rule, RuleSet, Stage } from "./rule.ts";
import {
  isObject,
  openObject,
  type Place,
  readChoice,
  readDuration,
  readList,
  readNumber,
  readText,
  readTexts,
  refuse,
  requireKeys,
  valueAt,
} from "./tree-reader.ts";

export type CheckedRules =
  /** `own`: the names of the rules that the file itself has, shipped ones that it changes included. */
  | { readonly ok: true; readonly rules: RuleSet; readonly own: ReadonlySet<string> }
  /** At most `problemsMax`, and one that says how many more there are. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

const shippedKeys = ["rules", "escalations", "inhibitions", "flapping", "grouping"];
/** The others are read by `check-receivers.ts`. */
const keys = [...shippedKeys, "receivers", "alertmanager"];
const dayMs = 86_400_000;
const upToADay = { min: 0, max: dayMs };

/**
 * Reads a tree of rules on top of the shipped ones: an element with the name of a shipped one says only what is
 * different about it, inhibitions are added. `receivers`: the names there are; undefined: any.
 */
export function checkRules(tree: unknown, shipped: unknown, receivers?: ReadonlySet<string>): CheckedRules {
  const problems: Problem[] = [];
  const own = openObject(tree, "", keys, problems);
  const base = openObject(shipped, "shipped", shippedKeys, problems);
  if (!own || !base) return { ok: false, problems };
  const escalations = layered(base, own, "escalations", escalationsMax).map((layer) =>
    readEscalation(layer, receivers, problems),
  );
  const named = new Map(escalations.map((escalation) => [escalation.name, escalation]));
  const rules = layered(base, own, "rules", rulesMax).map((layer) =>
    readRule(layer.value, layer.field, named, problems),
  );
  const inhibitions = [base, own].flatMap((place) =>
    readList(place, "inhibitions", inhibitionsMax).map(({ value, field }) =>
      readInhibition(value, field, problems),
    ),
  );
  const flapping = readFlapping(merged(base, own, "flapping"), problems);
  const grouping = readGrouping(merged(base, own, "grouping"), problems);
  if (problems.length > 0) return { ok: false, problems: listed(problems) };
  const kept = rules.filter((rule): rule is Rule => rule !== undefined);
  const names = readList(own, "rules", rulesMax).map(({ value }) => nameOf(value) ?? "");
  return {
    ok: true,
    own: new Set(names),
    rules: { rules: kept, escalations: named, inhibitions, flapping, grouping },
  };
}

type Layer = { readonly value: unknown; readonly field: string };

/** The shipped elements, each with what the file says of it, then the file's own. */
function layered(base: Place, own: Place, key: string, countMax: number): readonly Layer[] {
  const shipped = readList(base, key, countMax);
  const given = readList(own, key, countMax);
  const seen = new Map<string, Layer>();
  for (const layer of given) {
    const name = nameOf(layer.value);
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first) own.problems.push({ field: `${layer.field}.name`, message: `is that of ${first.field}` });
    else seen.set(name, layer);
  }
  const shippedNames = new Set(shipped.map(({ value }) => nameOf(value)));
  return [
    ...shipped.map((layer) => laidOver(layer, seen.get(nameOf(layer.value) ?? ""))),
    ...given.filter(({ value }) => !shippedNames.has(nameOf(value))),
  ];
}

function laidOver(below: Layer, above: Layer | undefined): Layer {
  if (!above || !isObject(below.value) || !isObject(above.value)) return below;
  const value = { ...below.value, ...above.value };
  const signal = signalOver(below.value["signal"], above.value["signal"]);
  return { field: above.field, value: signal === undefined ? value : { ...value, signal } };
}

/** Fields of another kind of signal mean nothing: then it is told whole. */
function signalOver(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above ?? below;
  const isSameKind = above["kind"] === undefined || above["kind"] === below["kind"];
  return isSameKind ? { ...below, ...above } : above;
}

function nameOf(value: unknown): string | undefined {
  const name = isObject(value) ? value["name"] : undefined;
  return typeof name === "string" ? name : undefined;
}

function merged(base: Place, own: Place, key: string): Layer {
  const [below, above] = [valueAt(base, key) ?? {}, valueAt(own, key) ?? {}];
  const value = isObject(below) && isObject(above) ? { ...below, ...above } : above;
  return { value, field: key };
}

function readEscalation(
  { value, field }: Layer,
  receivers: ReadonlySet<string> | undefined,
  problems: Problem[],
): Escalation {
  const place = openObject(value, field, ["name", "stages", "repeat"], problems);
  if (!place) return { name: "", stages: [], repeat: undefined };
  requireKeys(place, "name", "stages");
  const stages = readList(place, "stages", stagesMax).map((stage) =>
    readStage(stage.value, stage.field, receivers, problems),
  );
  if (Array.isArray(valueAt(place, "stages")) && stages.length === 0)
    refuse(place, "stages", "must have at least one stage");
  const name = readText(place, "name") ?? "";
  return { name, stages: stages.filter((stage) => stage !== undefined), repeat: readRepeat(place, problems) };
}

function readStage(
  value: unknown,
  field: string,
  receivers: ReadonlySet<string> | undefined,
  problems: Problem[],
): Stage | undefined {
  const place = openObject(value, field, ["after", "receivers", "severity"], problems);
  if (!place) return undefined;
  requireKeys(place, "receivers");
  const names = readTexts(place, "receivers", stageReceiversMax) ?? [];
  for (const name of names) {
    if (receivers && !receivers.has(name))
      refuse(
        place,
        "receivers",
        `there is no receiver ${JSON.stringify(name)}: there are ${[...receivers].join(", ")}`,
      );
  }
  if (new Set(names).size < names.length) refuse(place, "receivers", "must each be named once");
  const afterMs = readDuration(place, "after", { min: 0, max: 7 * dayMs }) ?? 0;
  return { afterMs, receivers: names, severity: readChoice(place, "severity", severities) };
}

function readRepeat(parent: Place, problems: Problem[]): Escalation["repeat"] {
  const value = valueAt(parent, "repeat");
  if (value === undefined) return undefined;
  const place = openObject(value, `${parent.field}.repeat`, ["every", "times"], problems);
  if (!place) return undefined;
  requireKeys(place, "every", "times");
  const everyMs = readDuration(place, "every", { min: 60_000, max: 7 * dayMs });
  const times = readNumber(place, "times", { min: 1, max: 1_000, whole: true });
  return everyMs === undefined || times === undefined ? undefined : { everyMs, times };
}

function readInhibition(value: unknown, field: string, problems: Problem[]): Inhibition {
  const place = openObject(value, field, ["source", "target", "equal"], problems);
  if (!place) return { source: {}, target: {}, equal: [] };
  requireKeys(place, "source", "target");
  return {
    source: readMatchers(valueAt(place, "source") ?? {}, `${field}.source`, problems),
    target: readMatchers(valueAt(place, "target") ?? {}, `${field}.target`, problems),
    equal: readTexts(place, "equal", stagesMax) ?? [],
  };
}

function readFlapping({ value, field }: Layer, problems: Problem[]): Flapping {
  const place = openObject(value, field, ["fires", "within", "hold"], problems);
  const defaults = { fires: 4, withinMs: 3_600_000, holdMs: 900_000 };
  if (!place) return defaults;
  return {
    fires: readNumber(place, "fires", { min: 2, max: 50, whole: true }) ?? defaults.fires,
    withinMs: readDuration(place, "within", { min: 60_000, max: dayMs }) ?? defaults.withinMs,
    holdMs: readDuration(place, "hold", upToADay) ?? defaults.holdMs,
  };
}

function readGrouping({ value, field }: Layer, problems: Problem[]): Grouping {
  const place = openObject(value, field, ["wait", "interval"], problems);
  const defaults = { waitMs: 10_000, intervalMs: 300_000 };
  if (!place) return defaults;
  return {
    waitMs: readDuration(place, "wait", upToADay) ?? defaults.waitMs,
    intervalMs: readDuration(place, "interval", upToADay) ?? defaults.intervalMs,
  };
}

function listed(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= problemsMax) return problems;
  const more = { field: "", message: `and ${problems.length - problemsMax} more` };
  return [...problems.slice(0, problemsMax), more];
}
