export const backoffFirstMs = 100;
export const backoffMaxMs = 5_000;

/**
 * The pause before reconnect number `attempt` (from 0), with full jitter (AWS, "Exponential Backoff And
 * Jitter"): agents that lost the registry together do not come back together. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  return random * Math.min(backoffMaxMs, backoffFirstMs * 2 ** attempt);
}
