import { severities } from "./alert.ts";
import { isLabelName, readMatchers } from "./check-matchers.ts";
import { readSignal } from "./check-signal.ts";
import { labelsMax } from "./limits.ts";
import type { Problem } from "./problem.ts";
import type { Escalation, Rule, SignalKind } from "./rule.ts";
import { signalTerms } from "./signal-terms.ts";
import { placeholdersIn } from "./subject.ts";
import {
  memberOf,
  openObject,
  type Place,
  readBoolean,
  readChoice,
  readDuration,
  readText,
  readTexts,
  refuse,
  requireKeys,
  valueAt,
} from "./tree-reader.ts";

const keys = [
  "name",
  "signal",
  "match",
  "severity",
  "for",
  "keepFiringFor",
  "summary",
  "runbook",
  "labels",
  "groupBy",
  "escalation",
  "enabled",
];

const holds = { min: 0, max: 86_400_000 };
const defaultGroupBy = ["rule", "namespace", "workflow"];
const ruleName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Reads one rule; undefined when it has problems. */
export function readRule(
  value: unknown,
  field: string,
  escalations: ReadonlyMap<string, Escalation>,
  problems: Problem[],
): Rule | undefined {
  const place = openObject(value, field, keys, problems);
  if (!place) return undefined;
  const before = problems.length;
  requireKeys(place, "name", "signal", "severity", "summary", "escalation");
  const given = valueAt(place, "signal");
  const signal = given === undefined ? undefined : readSignal(given, `${field}.signal`, problems);
  const labels = readLabels(place, problems);
  const rule = {
    name: readText(place, "name", nameProblem),
    signal,
    match: readMatchers(
      valueAt(place, "match") ?? {},
      `${field}.match`,
      problems,
      signal && signalTerms[signal.kind].labels,
    ),
    severity: readChoice(place, "severity", severities),
    forMs: readDuration(place, "for", holds) ?? 0,
    keepFiringForMs: readDuration(place, "keepFiringFor", holds) ?? 0,
    summary: readSummary(place, signal?.kind, Object.keys(labels)),
    runbook: readText(place, "runbook"),
    labels,
    groupBy: readTexts(place, "groupBy", labelsMax) ?? defaultGroupBy,
    escalation: readText(place, "escalation", (name) =>
      escalations.has(name) ? undefined : "is no escalation",
    ),
    isEnabled: readBoolean(place, "enabled") ?? true,
  };
  return problems.length === before ? (rule as Rule) : undefined;
}

function nameProblem(name: string): string | undefined {
  return ruleName.test(name) ? undefined : 'is no name of a rule: a-z, 0-9 and "-", such as step-stuck';
}

function readSummary(
  place: Place,
  kind: SignalKind | undefined,
  labels: readonly string[],
): string | undefined {
  if (!kind) return readText(place, "summary");
  const terms = [...signalTerms[kind].labels, ...signalTerms[kind].annotations, ...labels];
  return readText(place, "summary", (summary) => {
    const unknown = placeholdersIn(summary).find((name) => !terms.includes(name));
    return unknown === undefined ? undefined : `names \${${unknown}}: there are ${terms.join(", ")}`;
  });
}

function readLabels(parent: Place, problems: Problem[]): Readonly<Record<string, string>> {
  const value = valueAt(parent, "labels");
  if (value === undefined) return {};
  const field = memberOf(parent.field, "labels");
  const given = Object.keys(Object(value));
  const place = openObject(value, field, given, problems);
  if (!place) return {};
  if (given.length > labelsMax) problems.push({ field, message: `must be at most ${labelsMax}` });
  const read = given.slice(0, labelsMax).map((label) => {
    if (!isLabelName(label)) refuse(place, label, "is no name of a label: letters, digits and _");
    return [label, readText(place, label) ?? ""] as const;
  });
  return Object.fromEntries(read);
}
