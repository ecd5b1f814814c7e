import { type Alert, AlertState, type Matcher, Severity } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { enumName } from "./enum-name.ts";
import { type Span, spanOf } from "./line.ts";
import type { Style } from "./paint.ts";

export function stateWord(state: AlertState): string {
  return enumName(AlertState, state).toLowerCase();
}

/** An alert's state, and what is remarkable about it. */
export function stateSpan(alert: Alert): Span {
  const { state, flapping } = alert;
  return spanOf(`${stateWord(state)}${flapping ? " flapping" : ""}`, stateStyles[state]);
}

const stateStyles: Readonly<Record<AlertState, Style>> = {
  [AlertState.UNSPECIFIED]: "dim",
  [AlertState.PENDING]: "yellow",
  [AlertState.FIRING]: "red",
  [AlertState.ACKNOWLEDGED]: "cyan",
  [AlertState.RESOLVED]: "green",
};

export function severitySpan(severity: Severity): Span {
  const word = enumName(Severity, severity).toLowerCase();
  if (severity === Severity.CRITICAL) return spanOf(word, ["red", "bold"]);
  return severity === Severity.WARNING ? spanOf(word, "yellow") : spanOf(word, "dim");
}

/** "namespace=default workflow=release". */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** "workflow=release|report-*". */
export function matchersText(matchers: readonly Matcher[]): string {
  return matchers.map(({ label, patterns }) => `${label}=${patterns.join("|")}`).join(" ");
}

/** Why nobody is told of it now; empty: they are. */
export function mutedText({ silencedBy, inhibitedBy }: Alert): string {
  if (silencedBy.length > 0) return `silenced by ${silencedBy.join(", ")}`;
  return inhibitedBy === "" ? "" : `explained by ${inhibitedBy}`;
}
