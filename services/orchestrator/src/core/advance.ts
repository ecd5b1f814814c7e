import { decide } from "./decide.ts";
import type { Effect } from "./effect.ts";
import type { Event, RecordedEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import { dueAtMs, type Execution, findStep, isOpen } from "./execution.ts";
import type { Fact, Input } from "./input.ts";
import { isRejection, type Rejection } from "./rejection.ts";

/** One step of the state machine: the facts to make durable, and what they make due once they are. */
export type Transition = { readonly events: readonly RecordedEvent[]; readonly effects: readonly Effect[] };

const nothing: Transition = { events: [], effects: [] };

/** Decides, applies the facts, and decides on what they settle by themselves, until nothing is left to decide. */
export function advance(execution: Execution, input: Input, nowMs: number): Transition | Rejection {
  const outcome = decide(execution, input, nowMs);
  if (isRejection(outcome)) return outcome;
  if (outcome.length === 0) return nothing;
  const events: RecordedEvent[] = [];
  const effects: Effect[] = [];
  const toDecide: Fact[] = [];
  applyAll(execution, outcome, nowMs, events, effects, toDecide);
  for (const fact of toDecide) {
    const settled = decide(execution, fact, nowMs);
    if (!isRejection(settled)) applyAll(execution, settled, nowMs, events, effects, toDecide);
  }
  return { events, effects: events.length > 1 ? standing(execution, effects) : effects };
}

/** All of an outcome before what it leads to: its last event may have settled that already. */
function applyAll(
  execution: Execution,
  outcome: readonly Event[],
  timeMs: number,
  events: RecordedEvent[],
  effects: Effect[],
  toDecide: Fact[],
): void {
  for (const event of outcome) {
    const recorded: RecordedEvent = { sequence: execution.sequence + 1, timeMs, event };
    events.push(recorded);
    for (const effect of evolve(execution, recorded)) {
      if (effect.kind === "decide") toDecide.push(effect.fact);
      else effects.push(effect);
    }
  }
}

/** A later event of the same transition may have taken back that a step is due, or said it anew. */
function standing(execution: Execution, effects: readonly Effect[]): readonly Effect[] {
  if (!isOpen(execution)) return effects.filter(({ kind }) => kind !== "due" && kind !== "timer");
  const dues = effects.filter((effect) => effect.kind === "due");
  const newest = new Map(dues.map((due) => [due.step, due]));
  return effects.filter((effect) => {
    if (effect.kind !== "due") return true;
    const run = findStep(execution, effect.step)?.run;
    return newest.get(effect.step) === effect && run !== undefined && dueAtMs(run) === effect.dueAtMs;
  });
}
