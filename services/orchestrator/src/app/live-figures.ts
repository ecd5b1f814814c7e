import type { LiveFigures } from "../metrics.ts";
import type { Shard } from "./shard.ts";

/** What metrics show of a shard as it is now. */
export function liveFigures({ number, engine, log, breakers, relay }: Shard): LiveFigures {
  const { slots } = engine;
  const agents = { eligible: 0, other: 0 };
  const sum = { mine: 0, elsewhere: 0, free: 0 };
  for (const { eligible, mine, busyElsewhere, free } of slots.fleet.snapshot()) {
    agents[eligible ? "eligible" : "other"]++;
    if (!eligible) continue;
    sum.mine += mine;
    sum.elsewhere += busyElsewhere;
    sum.free += Math.max(0, free);
  }
  return {
    executionsInFlight: engine.executionsInFlight,
    quarantined: engine.quarantined,
    sendsInFlight: engine.sendsInFlight,
    waiting: slots.waiting(),
    agents,
    slots: sum,
    breakers: breakers.open(),
    shard: number,
    position: log.position,
    isBlocked: log.isBlocked,
    relay: relay?.figures,
  };
}
