import type { LiveAgent } from "./agent.ts";
import { replacedMax } from "./limits.ts";
import type { Registration } from "./registration.ts";
import { type Rejection, rejection } from "./rejection.ts";

/**
 * Refuses an older incarnation of an agent whose newer one is alive: a process that wakes up from a pause must
 * not bury the one that was started in its place. Incarnations are in the order of their starts where both
 * tell it, else in the order in which they came.
 */
export function refuseOlder(agent: LiveAgent, registration: Registration): Rejection | undefined {
  const { incarnation, startedAt } = agent.registration;
  if (incarnation === registration.incarnation) return undefined;
  const known = startedAt !== undefined && registration.startedAt !== undefined;
  const isOlder = known
    ? registration.startedAt < startedAt
    : agent.replaced.includes(registration.incarnation);
  return isOlder ? incarnationReplaced : undefined;
}

/** Refuses what is meant for, or said by, another incarnation than the one that is registered. */
export function refuseOther(agent: LiveAgent, incarnation: string): Rejection | undefined {
  return agent.registration.incarnation === incarnation ? undefined : incarnationReplaced;
}

const incarnationReplaced = rejection(
  "INCARNATION_REPLACED",
  "another incarnation of this agent is registered",
);

/** The incarnations that a successor of this one replaces, the latest last. */
export function replacedBy(agent: LiveAgent): readonly string[] {
  return [...agent.replaced, agent.registration.incarnation].slice(-replacedMax);
}
