import { systemClock } from "@weft/runtime/clock";
import { silentLogger } from "@weft/runtime/logger";
import { AlertEngine } from "../app/alert-engine.ts";
import { noMetrics } from "../app/alert-metrics.ts";
import { defaultDeliveryLimits } from "../app/deliveries.ts";
import type { Receiver } from "../app/ports.ts";
import type { AlertStore } from "../app/store.ts";
import { defaultMemoryLimits } from "../core/limits.ts";
import { isRejection } from "../core/rejection.ts";
import { openSqliteAlertStore } from "./store-sqlite.ts";

// What tests of crashes kill: an alert manager whose nats is away, with an escalation of four stages, each of which is
// posted to a sink. It kills itself before or after its n-th save, if it is asked to.

const [folder = "", sink = "", side = "", dieAtSave = "0"] = process.argv.slice(2);

const shippedRules = `
grouping: { wait: 0s, interval: 1h }
escalations:
  - name: page
    stages:
      - { receivers: sink }
      - { after: 50ms, receivers: sink }
      - { after: 50ms, receivers: sink }
      - { after: 50ms, receivers: sink }
rules:
  - name: nats-away
    signal: { kind: dependency_unreachable }
    severity: critical
    summary: "\${dependency} is away"
    escalation: page
`;

const receiver: Receiver = {
  async send(notification, signal) {
    const body = JSON.stringify(notification);
    const response = await fetch(sink, { method: "POST", body, signal }).catch((error: unknown) => error);
    if (response instanceof Response && response.ok) return { kind: "delivered" };
    return {
      kind: "retry",
      reason: response instanceof Response ? String(response.status) : String(response),
    };
  },
};

function dying(store: AlertStore): AlertStore {
  let saves = 0;
  const dieIfDue = (at: string): void => {
    if (at === side && saves === Number(dieAtSave)) process.kill(process.pid, "SIGKILL");
  };
  return {
    ...store,
    async save(rows) {
      saves += 1;
      dieIfDue("before");
      await store.save(rows);
      dieIfDue("after");
    },
  };
}

const engine = await AlertEngine.open({
  store: dying(await openSqliteAlertStore(folder)),
  clock: systemClock,
  random: Math.random,
  logger: silentLogger,
  metrics: noMetrics,
  receivers: new Map([["sink", receiver]]),
  shippedRules,
  rules: "{}",
  deliveryLimits: { ...defaultDeliveryLimits, initialMs: 10, maxMs: 50, triesMax: 1_000 },
  memoryLimits: defaultMemoryLimits,
  judgeEveryMs: 10,
});
if (isRejection(engine)) throw new Error(JSON.stringify(engine.problems));
engine.start();
await engine.observe([
  {
    observation: { kind: "dependency", name: "nats", reachable: false, timeMs: Date.now() },
    place: { shard: 0, position: 1 },
  },
]);
