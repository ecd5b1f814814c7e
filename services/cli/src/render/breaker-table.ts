import { type CircuitBreaker, CircuitBreakerState } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { enumName } from "./enum-name.ts";
import { type Line, lineOf, type Span, spanOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { agoText, durationText, msOf } from "./time.ts";

const table: readonly Column[] = [
  { title: "BREAKER", widthMin: 20 },
  { title: "STATE" },
  { title: "FAILED", align: "right" },
  { title: "IN A ROW", align: "right" },
  { title: "OPENED", align: "right" },
  { title: "NEXT PROBE", align: "right" },
  { title: "LAST FAILURE", isExtra: true },
  { title: "REPLICA", isExtra: true },
];

/** Breakers as rows, or a sentence when there are none. */
export function breakerTable(
  breakers: readonly CircuitBreaker[],
  nowMs: number,
  columns: number,
): readonly Line[] {
  if (breakers.length === 0) return [lineOf("no circuit breakers: nothing to complain of", "dim")];
  return tableLines(
    table,
    breakers.map((breaker) => row(breaker, nowMs)),
    columns,
  );
}

function row(breaker: CircuitBreaker, nowMs: number): readonly Line[] {
  const { name, state, recentFailures, recentOutcomes, failuresInARow, openTime, nextProbeTime } = breaker;
  const openedAtMs = msOf(openTime);
  const nextProbeAtMs = msOf(nextProbeTime);
  return [
    lineOf(name, "bold"),
    [stateSpan(state)],
    lineOf(`${recentFailures} of ${recentOutcomes}`),
    lineOf(String(failuresInARow)),
    lineOf(openedAtMs === undefined ? "" : agoText(nowMs - openedAtMs)),
    lineOf(nextProbeAtMs === undefined ? "" : `in ${durationText(Math.max(0, nextProbeAtMs - nowMs))}`),
    lineOf(breaker.lastFailureCode),
    lineOf(breaker.replica, "dim"),
  ];
}

export function stateSpan(state: CircuitBreakerState): Span {
  const word = enumName(CircuitBreakerState, state).toLowerCase().replace("_", "-");
  switch (state) {
    case CircuitBreakerState.CLOSED:
      return spanOf(word, "green");
    case CircuitBreakerState.OPEN:
      return spanOf(word, "red");
    default:
      return spanOf(word, "yellow");
  }
}
