import { assertNever } from "./assert-never.ts";
import type { Problem } from "./problem.ts";
import type { Signal, SignalKind } from "./rule.ts";
import { windowMsMax } from "./series.ts";
import { signalTerms } from "./signal-terms.ts";
import {
  openObject,
  type Place,
  readChoice,
  readDuration,
  readNumber,
  refuse,
  requireKeys,
} from "./tree-reader.ts";

const kinds = Object.keys(signalTerms) as readonly SignalKind[];

/** The fields of each kind, all of them required: a rule says what it means. */
const fields: Readonly<Record<SignalKind, readonly string[]>> = {
  execution_sla: ["at"],
  step_sla: ["at"],
  error_burn: ["by", "objective", "factor", "long", "short", "minCount"],
  step_stuck: ["noProgressFor"],
  retry_storm: ["by", "within", "minCount", "ratio"],
  queue_age: ["over"],
  no_capacity: ["over"],
  breaker_open: ["of"],
  agent_lost: ["within"],
  agent_flapping: ["changes", "within"],
  outbox_lag: ["over", "overEvents"],
  dependency_unreachable: [],
  execution_quarantined: ["within"],
};

/** `within` of the two SLA kinds, which only those that are past their timeout have. */
const optionalFields: Partial<Readonly<Record<SignalKind, readonly string[]>>> = {
  execution_sla: ["within"],
  step_sla: ["within"],
};

const subjects = ["workflow", "capability"] as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const counts = { min: 1, max: 1_000_000, whole: true };
const shares = { min: 0, max: 1 };
const ages = { min: 1_000, max: 30 * dayMs };
const lately = { min: 1_000, max: 7 * dayMs };
/** A window up to an hour is counted in minutes. */
const minutes = { min: 60_000, max: hourMs };
const windows = { min: 60_000, max: windowMsMax };
const defaultWithinMs = 600_000;

/** Reads a signal; undefined when it has a problem that leaves no signal. */
export function readSignal(value: unknown, field: string, problems: Problem[]): Signal | undefined {
  const kind = kindIn(value);
  const known = kind ? ["kind", ...fields[kind], ...(optionalFields[kind] ?? [])] : undefined;
  const place = openObject(value, field, known ?? Object.keys(Object(value)), problems);
  if (!place) return undefined;
  requireKeys(place, "kind", ...(kind ? fields[kind] : []));
  if (!kind) return void readChoice(place, "kind", kinds);
  const before = problems.length;
  const signal = signalOf(kind, place);
  return problems.length === before ? (signal as Signal) : undefined;
}

function kindIn(value: unknown): SignalKind | undefined {
  const given = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  return kinds.find((kind) => kind === given);
}

/** What is missing or wrong is a problem by then, and the signal is not used. */
type Unchecked<Of> = Of extends unknown ? { readonly [Key in keyof Of]: Of[Key] | undefined } : never;

function signalOf(kind: SignalKind, place: Place): Unchecked<Signal> {
  switch (kind) {
    case "execution_sla":
    case "step_sla": {
      const at = readNumber(place, "at", { min: 0.01, max: 10 });
      return { kind, at, withinMs: readDuration(place, "within", lately) ?? defaultWithinMs };
    }
    case "error_burn":
      return burnOf(place);
    case "step_stuck":
      return { kind, noProgressForMs: readDuration(place, "noProgressFor", ages) };
    case "retry_storm":
      return {
        kind,
        by: readChoice(place, "by", subjects),
        withinMs: readDuration(place, "within", minutes),
        countMin: readNumber(place, "minCount", counts),
        ratio: readNumber(place, "ratio", shares),
      };
    case "queue_age":
      return { kind, overMs: readDuration(place, "over", ages) };
    case "no_capacity":
      return { kind, overMs: readDuration(place, "over", { min: 1_000, max: hourMs }) };
    case "breaker_open":
      return { kind, of: readChoice(place, "of", ["agent", "step", "any"]) };
    case "agent_lost":
    case "execution_quarantined":
      return { kind, withinMs: readDuration(place, "within", lately) };
    case "agent_flapping": {
      const changes = readNumber(place, "changes", { min: 2, max: 50, whole: true });
      return { kind, changes, withinMs: readDuration(place, "within", lately) };
    }
    case "outbox_lag":
      return {
        kind,
        overMs: readDuration(place, "over", ages),
        overEvents: readNumber(place, "overEvents", { ...counts, max: 1_000_000_000 }),
      };
    case "dependency_unreachable":
      return { kind };
    default:
      return assertNever(kind);
  }
}

function burnOf(place: Place): Unchecked<Extract<Signal, { kind: "error_burn" }>> {
  const longMs = readDuration(place, "long", windows);
  const shortMs = readDuration(place, "short", windows);
  if (longMs !== undefined && shortMs !== undefined && shortMs >= longMs)
    refuse(place, "short", "must be shorter than long");
  return {
    kind: "error_burn",
    by: readChoice(place, "by", subjects),
    objective: readNumber(place, "objective", { min: 0.5, max: 0.9999 }),
    factor: readNumber(place, "factor", { min: 0.1, max: 1_000 }),
    longMs,
    shortMs,
    countMin: readNumber(place, "minCount", counts),
  };
}
