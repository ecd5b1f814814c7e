import type { Family, Metrics, Tally } from "@weft/runtime/metrics";
import type { Agent, AgentState } from "./core/agent.ts";
import type { Event } from "./core/event.ts";

/** What is read from live state whenever somebody reads the metrics. */
export type LiveFigures = {
  readonly agents: Iterable<Agent>;
  readonly watchers: number;
  readonly isWarming: boolean;
};

const states: readonly AgentState[] = ["JOINING", "READY", "UNHEALTHY", "DRAINING", "SUSPECT"];

/** Every metric of the registry: docs/reference/metrics.md. */
export class RegistryMetrics {
  readonly #calls: Family<Tally>;
  readonly #attached: Tally;
  readonly #suspected: Family<Tally>;
  readonly #gone: Family<Tally>;
  readonly #unhealthy: Tally;
  readonly #systemEventsDropped: Tally;

  constructor(metrics: Metrics) {
    this.#calls = metrics.counter({
      name: "weft_registry_calls_total",
      help: "gRPC calls that were answered, by method, status code and reason.",
      labels: ["method", "code", "reason"],
    });
    this.#attached = metrics
      .counter({ name: "weft_registry_attaches_total", help: "Attaches and registrations of agents." })
      .with();
    this.#suspected = metrics.counter({
      name: "weft_registry_agents_suspected_total",
      help: "Agents that fell silent: stream_lost or silent.",
      labels: ["cause"],
    });
    this.#gone = metrics.counter({
      name: "weft_registry_agents_gone_total",
      help: "Agents that are gone: left, lease_ended or replaced.",
      labels: ["cause"],
    });
    this.#unhealthy = metrics
      .counter({ name: "weft_registry_agents_unhealthy_total", help: "Agents whose probes failed." })
      .with();
    this.#systemEventsDropped = metrics
      .counter({
        name: "weft_registry_system_events_dropped_total",
        help: "Changes of agents that the event bus was not told.",
      })
      .with();
  }

  call(method: string, code: string, reason: string): void {
    this.#calls.with(method, code, reason).add();
  }

  systemEventDropped(): void {
    this.#systemEventsDropped.add();
  }

  event(event: Event): void {
    switch (event.kind) {
      case "agent.attached":
        return this.#attached.add();
      case "agent.suspected":
        return this.#suspected.with(event.cause).add();
      case "agent.gone":
        return this.#gone.with(event.cause).add();
      case "agent.unhealthy":
        return this.#unhealthy.add();
      default:
        return;
    }
  }
}

export function registerGauges(metrics: Metrics, live: () => LiveFigures | undefined): void {
  metrics.gauge(
    { name: "weft_registry_agents", help: "Agents that are registered, by state.", labels: ["state"] },
    (set) => {
      const counts = new Map(states.map((state) => [state, 0]));
      for (const { state } of live()?.agents ?? []) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) set(count, state.toLowerCase());
    },
  );
  metrics.gauge(
    {
      name: "weft_registry_slots",
      help: "Slots of agents that are READY: all, and free ones.",
      labels: ["state"],
    },
    (set) => {
      let [all, free] = [0, 0];
      for (const { state, registration, freeSlots } of live()?.agents ?? []) {
        if (state !== "READY") continue;
        all += registration.slots;
        free += freeSlots;
      }
      set(all, "all");
      set(free, "free");
    },
  );
  metrics.gauge(
    { name: "weft_registry_loop_lag_seconds", help: "The longest event-loop lag that an agent reports." },
    (set) => {
      const lags = [...(live()?.agents ?? [])].map(({ loopLagMs }) => loopLagMs ?? 0);
      set(lags.reduce((longest, lag) => Math.max(longest, lag), 0) / 1_000);
    },
  );
  metrics.gauge({ name: "weft_registry_watchers", help: "Readers of WatchAgents." }, (set) =>
    set(live()?.watchers ?? 0),
  );
  metrics.gauge(
    { name: "weft_registry_warming", help: "1 while the registry is younger than one lease." },
    (set) => set(Number(live()?.isWarming ?? true)),
  );
}
