import type { Labels, Subject } from "./alert.ts";
import type { Finding } from "./finding.ts";
import { fingerprint } from "./fingerprint.ts";
import { groupKey, groupLabels } from "./group.ts";
import type { Rule } from "./rule.ts";

/** What an alert of the rule says of what was found. The labels that tell alerts apart are the signal's alone. */
export function subjectOf(rule: Rule, { labels, annotations }: Finding): Subject {
  const all = { ...rule.labels, ...labels };
  return {
    fingerprint: fingerprint(rule.name, labels),
    rule: rule.name,
    labels: all,
    annotations: rule.runbook === undefined ? annotations : { ...annotations, runbook: rule.runbook },
    summary: rendered(rule.summary, { ...all, ...annotations }),
    severity: rule.severity,
    group: groupKey(rule.escalation, groupLabels({ ...all, rule: rule.name }, rule.groupBy)),
  };
}

const placeholder = /\$\{([A-Za-z0-9_]*)\}/g;

/** The names that a summary asks for. */
export function placeholdersIn(template: string): readonly string[] {
  return [...template.matchAll(placeholder)].map(([, name = ""]) => name);
}

function rendered(template: string, values: Labels): string {
  return template.replace(placeholder, (_, name: string) => values[name] ?? "");
}
