import type { Lane } from "./candidate.ts";
import { score } from "./score.ts";

/** Looking at four finds a good agent; looking at all makes every orchestrator choose the same one. */
const sampleSize = 4;

/**
 * The best of four random open lanes, or undefined when all are excluded. O(4 + excluded): a partial
 * Fisher–Yates shuffle in place brings the sample to the front, so that no lane is looked at twice.
 */
export function pick(
  open: Lane[],
  random: () => number,
  exclude: ReadonlySet<string> | undefined,
): Lane | undefined {
  const drawsMax = Math.min(open.length, sampleSize + (exclude?.size ?? 0));
  let best: Lane | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  for (let drawn = 0, sampled = 0; drawn < drawsMax && sampled < sampleSize; drawn++) {
    const lane = draw(open, drawn, random);
    if (exclude?.has(lane.candidate.id)) continue;
    sampled++;
    const laneScore = score(lane);
    if (laneScore >= bestScore) continue;
    best = lane;
    bestScore = laneScore;
  }
  return best;
}

/** Brings a random lane of those not drawn yet to `to`. */
function draw(open: Lane[], to: number, random: () => number): Lane {
  const last = open.length - 1;
  const from = to === last ? to : to + Math.floor(random() * (open.length - to));
  const drawn = open[from] as Lane;
  if (from === to) return drawn;
  const displaced = open[to] as Lane;
  open[to] = drawn;
  drawn.place = to;
  open[from] = displaced;
  displaced.place = from;
  return drawn;
}
