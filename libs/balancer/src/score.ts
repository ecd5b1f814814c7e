import { freeSlots, type Lane } from "./candidate.ts";
import { errorRate, logSlowdown } from "./track-record.ts";

/** An agent that is all taken counts as half as quick as an idle one. */
const utilisationWeight = Math.LN2;

/**
 * How long a call is expected to take at this lane until it has succeeded, as the logarithm of a factor: less is
 * better. What else may set agents apart, such as a zone, is measured in the same unit and added here.
 */
export function score({ candidate, record, pool }: Lane): number {
  const utilisation = 1 - freeSlots(candidate) / candidate.slots;
  // A call that fails with probability e is made 1 ÷ (1 − e) times. Without this term an agent that fails at
  // once is always the idle one, and draws nearly all calls.
  const errorPenalty = -Math.log(1 - errorRate(record, pool.round));
  return logSlowdown(record, pool.round) + utilisationWeight * utilisation + errorPenalty;
}
