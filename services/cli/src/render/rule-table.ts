import { durationMs } from "@bufbuild/protobuf/wkt";
import type {
  ListRulesResponse,
  ReceiverStatus,
  Rule,
  RuleProblem,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import { matchersText, severitySpan } from "./alert-words.ts";
import { type Line, lineOf, spanOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { agoText, durationText, msOf } from "./time.ts";

const rules: readonly Column[] = [
  { title: "RULE" },
  { title: "SEVERITY" },
  { title: "FOR", align: "right" },
  { title: "ALERTS", align: "right" },
  { title: "TELLS" },
  { title: "SIGNAL" },
  { title: "MATCHES", widthMin: 10, isExtra: true },
];

const receivers: readonly Column[] = [
  { title: "RECEIVER" },
  { title: "KIND" },
  { title: "WAITING", align: "right" },
  { title: "FAILED", align: "right" },
  { title: "PROBLEM", widthMin: 20 },
];

/** The rules in force and who is told; first of all what is wrong with them. */
export function ruleLines(response: ListRulesResponse, nowMs: number, columns: number): readonly Line[] {
  const { refused } = response;
  return [
    ...(refused ? refusedLines(refused.problems, nowMs - (msOf(refused.time) ?? nowMs)) : []),
    ...tableLines(rules, response.rules.map(ruleRow), columns),
    [],
    ...tableLines(receivers, response.receivers.map(receiverRow), columns),
  ];
}

function refusedLines(problems: readonly RuleProblem[], agoMs: number): readonly Line[] {
  return [
    lineOf(`the rules were refused (${agoText(agoMs)}); those below are older`, ["red", "bold"]),
    ...problems.map(({ field, description, line }) => [
      spanOf(line === 0 ? "  " : `  line ${line}: `, "red"),
      spanOf(`${field} ${description}`.trim()),
    ]),
    [],
  ];
}

function ruleRow(rule: Rule): readonly Line[] {
  const { enabled, firingAlerts, pendingAlerts, acknowledgedAlerts, alertsCutOff } = rule;
  const forMs = rule.for ? durationMs(rule.for) : 0;
  const firing = firingAlerts + acknowledgedAlerts;
  const counts = [
    firing > 0 ? `${firing} firing` : "",
    pendingAlerts > 0 ? `${pendingAlerts} pending` : "",
    alertsCutOff > 0 ? `${alertsCutOff} cut off` : "",
  ].filter(Boolean);
  return [
    lineOf(rule.name, enabled ? "bold" : "dim"),
    [enabled ? severitySpan(rule.severity) : spanOf("off", "dim")],
    lineOf(forMs === 0 ? "" : durationText(forMs)),
    lineOf(counts.join(", "), firing > 0 ? "red" : undefined),
    lineOf(rule.escalation),
    lineOf(rule.signal, "dim"),
    lineOf(matchersText(rule.match), "dim"),
  ];
}

function receiverRow({ name, kind, pending, failed, problem }: ReceiverStatus): readonly Line[] {
  return [
    lineOf(name, "bold"),
    lineOf(kind),
    lineOf(pending === 0 ? "" : String(pending), "yellow"),
    lineOf(failed === 0 ? "" : String(failed), "red"),
    lineOf(problem, "red"),
  ];
}
