import type { Moment } from "./finding.ts";
import type { Memory } from "./memory.ts";

/** Facts older than this, and just read, are of a log that is still being caught up with. */
const behindMs = 30_000;
/** A shard of which nothing has come for so long has nothing more to say. */
const quietMs = 5_000;
/** After a start, so long may pass before the first facts come. */
const graceMs = 30_000;

/** When each shard was last heard. In this process's life only: what was heard in another says nothing of now. */
export type Hearing = { readonly sinceMs: number; readonly heardAtMs: Map<number, number> };

/**
 * Up to when the logs are known. Whoever was not heard because nobody listened is not late: while the
 * orchestrator can't be reached, or its log is being caught up with, silence says nothing.
 */
export function momentOf({ positions, dependencies }: Memory, hearing: Hearing, nowMs: number): Moment {
  const orchestrator = dependencies.get("orchestrator");
  const lostMs = orchestrator && !orchestrator.reachable ? orchestrator.sinceMs : nowMs;
  const inGrace = nowMs - hearing.sinceMs < graceMs;
  let knownMs = Math.min(nowMs, lostMs);
  for (const [shard, { factMs }] of positions.entries()) {
    const heardAtMs = hearing.heardAtMs.get(Number(shard));
    const isBehind =
      heardAtMs === undefined ? inGrace : nowMs - heardAtMs < quietMs && heardAtMs - factMs > behindMs;
    if (isBehind) knownMs = Math.min(knownMs, factMs);
  }
  return { nowMs, knownMs };
}
