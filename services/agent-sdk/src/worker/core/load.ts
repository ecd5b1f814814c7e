import type { Effect } from "./effect.ts";
import { othersShare, type WorkerState } from "./worker-state.ts";

/** Tells each orchestrator whose view of the others' share is out of date. */
export function tellLoad(state: WorkerState): readonly Effect[] {
  state.loadChanged = false;
  const effects: Effect[] = [];
  for (const session of state.sessions.values()) {
    const { told } = session;
    const share = othersShare(state, session);
    if (share.busyElsewhere === told.busyElsewhere && share.otherOrchestrators === told.otherOrchestrators)
      continue;
    session.told = share;
    effects.push({ kind: "load", session: session.id, slots: state.slots, ...share });
  }
  return effects;
}

/** From now on nothing new is taken. */
export function drain(state: WorkerState): readonly Effect[] {
  if (state.draining) return [];
  state.draining = true;
  for (const session of state.sessions.values()) session.waits.clear();
  return [...state.sessions.keys()].map((session) => ({ kind: "draining", session }) as const);
}
