import { AlertState, Severity } from "@weft/proto/weft/alerts/v1/alerts_pb";

const states = {
  pending: AlertState.PENDING,
  firing: AlertState.FIRING,
  acknowledged: AlertState.ACKNOWLEDGED,
  resolved: AlertState.RESOLVED,
} as const;
const severities = {
  info: Severity.INFO,
  warning: Severity.WARNING,
  critical: Severity.CRITICAL,
} as const;

export const stateNames = Object.keys(states) as (keyof typeof states)[];
export const severityNames = Object.keys(severities) as (keyof typeof severities)[];

export type FilterOptions = {
  readonly state: readonly (keyof typeof states)[];
  readonly severity: readonly (keyof typeof severities)[];
  readonly match: Readonly<Record<string, string>>;
  readonly unmuted: boolean;
};

/** What the options ask for, as a request. */
export function filterOf({ state, severity, match, unmuted }: FilterOptions) {
  return {
    states: state.map((name) => states[name]),
    severities: severity.map((name) => severities[name]),
    matchers: matchersOf(match),
    withoutMuted: unmuted,
  };
}

export function matchersOf(match: Readonly<Record<string, string>>) {
  return Object.entries(match).map(([label, pattern]) => ({ label, patterns: [pattern] }));
}
