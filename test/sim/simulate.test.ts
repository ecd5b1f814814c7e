import { seededRandom } from "@weft/balancer";
import { describe, expect, it } from "vitest";
import { lognormal } from "./chance.ts";
import { equalAgents, scenario, weft } from "./scenarios.ts";
import { simulate, workMeanMs } from "./simulate.ts";
import { Timeline } from "./timeline.ts";

/** The mean waiting time of a central queue (Erlang C, 1917). */
function erlangWaitingMs(slots: number, load: number): number {
  const offered = slots * load;
  let blocked = 1;
  for (let n = 1; n <= slots; n++) blocked = (offered * blocked) / (n + offered * blocked);
  const waits = blocked / (1 - load * (1 - blocked));
  return (waits * workMeanMs) / (slots * (1 - load));
}

describe("the simulation", () => {
  it("runs what is due in order of time, and of arrangement at the same time", () => {
    const timeline = new Timeline();
    const random = seededRandom(1);
    const seen: { atMs: number; order: number }[] = [];
    for (let order = 0; order < 1_000; order++) {
      const atMs = Math.floor(random() * 100);
      timeline.after(atMs, () => {
        expect(timeline.nowMs).toBe(atMs);
        seen.push({ atMs, order });
      });
    }
    timeline.run();
    expect(seen).toHaveLength(1_000);
    expect(seen).toEqual(seen.toSorted((one, other) => one.atMs - other.atMs || one.order - other.order));
  });

  it("draws calls of the mean and the variation that it is asked for", () => {
    const draw = lognormal(seededRandom(3), workMeanMs, 3.2);
    const drawn = Array.from({ length: 200_000 }, draw);
    const mean = drawn.reduce((sum, ms) => sum + ms, 0) / drawn.length;
    const variance = drawn.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / drawn.length;
    expect(mean / workMeanMs).toBeCloseTo(1, 1);
    expect(variance / mean ** 2).toBeGreaterThan(2.8);
    expect(variance / mean ** 2).toBeLessThan(3.6);
  });

  it.each([0.7, 0.85])("agrees with Erlang C where that holds, at load %d", (load) => {
    const agents = equalAgents().slice(0, 2);
    const central = scenario({ agents, load, orchestrators: 1, work: "exponential", calls: 300_000 });
    const { waitingMeanMs } = simulate(central, weft, 5);
    expect(waitingMeanMs / erlangWaitingMs(8, load)).toBeGreaterThan(0.93);
    expect(waitingMeanMs / erlangWaitingMs(8, load)).toBeLessThan(1.07);
  });

  it("has the same outcome for the same seed, and another for another", () => {
    const small = scenario({ calls: 5_000 });
    expect(simulate(small, weft, 1)).toEqual(simulate(small, weft, 1));
    expect(simulate(small, weft, 1)).not.toEqual(simulate(small, weft, 2));
  });
});
