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
  return isOlder
    ? rejection("INCARNATION_REPLACED", "a newer incarnation of this agent is registered")
    : undefined;
}

/** The incarnations that a successor of this one replaces, the latest last. */
export function replacedBy(agent: LiveAgent): readonly string[] {
  return [...agent.replaced, agent.registration.incarnation].slice(-replacedMax);
}
