import type { LiveAgent } from "./agent.ts";

/** Fewer silent agents than this are no mass, whatever their share. */
const silentMin = 3;
const silentShareMax = 0.5;

/** Agents are heard three times a lease: one that was not for half of it is on its way to be lost. */
export function isSilent(agent: LiveAgent, at: number, leaseMs: number): boolean {
  return at - agent.heardAt >= leaseMs / 2;
}

/** Whether so many are silent at once that the network or this registry is at fault, and not they. */
export function isMassSilence(silent: number, agents: number): boolean {
  return silent >= silentMin && silent > agents * silentShareMax;
}
