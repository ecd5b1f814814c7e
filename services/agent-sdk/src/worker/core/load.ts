import type { Effect } from "./effect.ts";
import { busyElsewhere, type WorkerState } from "./worker-state.ts";

/** Tells each orchestrator whose view of the others' share is out of date. */
export function tellLoad(state: WorkerState): readonly Effect[] {
  state.loadChanged = false;
  const effects: Effect[] = [];
  for (const session of state.sessions.values()) {
    const elsewhere = busyElsewhere(state, session);
    if (elsewhere === session.toldElsewhere) continue;
    session.toldElsewhere = elsewhere;
    effects.push({ kind: "load", session: session.id, slots: state.slots, busyElsewhere: elsewhere });
  }
  return effects;
}

/** From now on nothing new is taken. */
export function drain(state: WorkerState): readonly Effect[] {
  if (state.draining) return [];
  state.draining = true;
  return [...state.sessions.keys()].map((session) => ({ kind: "draining", session }) as const);
}
