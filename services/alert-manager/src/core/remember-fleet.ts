import { changesMax } from "./limits.ts";
import type { KnownAgent, Memory } from "./memory.ts";
import type { AgentObservation, BreakerObservation } from "./observation.ts";
import { subjectKey } from "./subject-key.ts";

/** Takes in how an agent is now. */
export function rememberAgent({ agents }: Memory, observation: AgentObservation, timeMs: number): void {
  const { agentId, incarnation, name, state, capabilities, zone = "", reason = "" } = observation;
  const before = agents.get(agentId);
  const isSameLife = before?.incarnation === incarnation;
  const isDraining = state === "DRAINING" || (isSameLife && before.isDraining);
  const lostAtMs = isLost(observation, isDraining) ? (before?.lostAtMs ?? timeMs) : undefined;
  agents.put(agentId, {
    name,
    incarnation,
    state,
    capabilities,
    zone,
    reason,
    isDraining,
    ...(lostAtMs === undefined ? {} : { lostAtMs }),
    changedAtMs: changes(before, observation, isSameLife, isDraining, timeMs),
    heardAtMs: timeMs,
  });
}

/** Reasons of the registry for which an agent is gone as it should be. */
const goodReasons: ReadonlySet<string> = new Set(["left", "replaced", "deregistered"]);

/** A drained agent goes as it was asked to. */
function isLost({ state, reason = "" }: AgentObservation, isDraining: boolean): boolean {
  if (isDraining || goodReasons.has(reason)) return false;
  return state === "SUSPECT" || state === "GONE";
}

/** A new life counts once, whether its predecessor's end was told or not. */
function changes(
  before: KnownAgent | undefined,
  { state }: AgentObservation,
  isSameLife: boolean,
  isDraining: boolean,
  timeMs: number,
): readonly number[] {
  if (!before) return [];
  const leftReady = isSameLife && before.state === "READY" && state !== "READY" && !isDraining;
  const beganAnew = !isSameLife && before.state === "READY";
  return leftReady || beganAnew ? [...before.changedAtMs, timeMs].slice(-changesMax) : before.changedAtMs;
}

/** Takes in how a breaker is now. */
export function rememberBreaker({ breakers }: Memory, observation: BreakerObservation, timeMs: number): void {
  const { name, of, state } = observation;
  const key = subjectKey(of, name);
  if (state === "CLOSED") {
    breakers.drop(key);
    return;
  }
  const sinceMs = breakers.get(key)?.sinceMs ?? timeMs;
  breakers.put(key, { of, state, sinceMs, labels: breakerLabels(observation) });
}

function breakerLabels(observation: BreakerObservation): Readonly<Record<string, string>> {
  const { name, of, namespace, workflow, stepId, agentId, capability } = observation;
  const labels = { breaker: name, of, namespace, workflow, step: stepId, agent: agentId, capability };
  return Object.fromEntries(
    Object.entries(labels).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
    ),
  );
}
