import {
  type CircuitBreakerChange,
  CircuitBreakerReason,
  CircuitBreakerState,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { stateSpan } from "./breaker-table.ts";
import { type Line, padLine, spanOf } from "./line.ts";
import { durationText, msOf, timeOfDay } from "./time.ts";

/** Short names line up; a longer one just takes its room. */
const nameColumns = 28;
const stateColumns = 9;

/** When, which breaker, its state, and why. One that was found so has no time of its own. */
export function breakerLine(change: CircuitBreakerChange, nowMs: number): Line {
  const { breaker, time } = change;
  const atMs = msOf(time) ?? nowMs;
  return [
    spanOf(`${timeOfDay(atMs)}  `, "dim"),
    ...padLine([spanOf(breaker?.name ?? "", "bold")], nameColumns),
    { text: "  " },
    ...padLine([stateSpan(breaker?.state ?? CircuitBreakerState.UNSPECIFIED)], stateColumns),
    { text: "  " },
    spanOf(whyText(change, atMs), "dim"),
  ];
}

function whyText({ breaker, reason }: CircuitBreakerChange, atMs: number): string {
  const code = breaker?.lastFailureCode ? ` (${breaker.lastFailureCode})` : "";
  switch (reason) {
    case CircuitBreakerReason.FAILURES:
      return `${countsText(breaker)}${code}${nextProbeText(breaker, atMs)}`;
    case CircuitBreakerReason.PROBE_FAILED:
      return `its probe has failed${code}${nextProbeText(breaker, atMs)}`;
    case CircuitBreakerReason.COOLED_DOWN:
      return "one probe may go";
    case CircuitBreakerReason.PROBE_PASSED:
      return "its probe has passed";
    case CircuitBreakerReason.RESET:
      return "was reset";
    case CircuitBreakerReason.AGENT_GONE:
      return "its agent is gone";
    default:
      return breaker?.state === CircuitBreakerState.CLOSED
        ? "while nobody was watching"
        : `${countsText(breaker)}${code}${nextProbeText(breaker, atMs)}`;
  }
}

type Breaker = CircuitBreakerChange["breaker"];

function countsText(breaker: Breaker): string {
  if (!breaker) return "";
  const { failuresInARow, recentFailures, recentOutcomes } = breaker;
  return `${failuresInARow} failures in a row, ${recentFailures} of the last ${recentOutcomes}`;
}

function nextProbeText(breaker: Breaker, nowMs: number): string {
  const atMs = msOf(breaker?.nextProbeTime);
  return atMs === undefined ? "" : `; next probe in ${durationText(Math.max(0, atMs - nowMs))}`;
}
