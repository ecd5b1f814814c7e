import type { Family, Metrics, Spread, Tally } from "@weft/runtime/metrics";

/** What is read from live state whenever somebody reads the metrics. */
export type LiveFigures = {
  /** In memory, and not ended. */
  readonly executionsInFlight: number;
  readonly quarantined: number;
  /** Steps that are out at agents. */
  readonly sendsInFlight: number;
  /** Steps that wait for a slot, by capability. */
  readonly waiting: Iterable<readonly [capability: string, steps: number]>;
  /** Of the agents that are known. */
  readonly agents: { readonly eligible: number; readonly other: number };
  readonly slots: { readonly mine: number; readonly elsewhere: number; readonly free: number };
  readonly breakers: Iterable<readonly [kind: string, state: string, count: number]>;
  readonly shard: number;
  readonly position: number;
  /** The log can't be written for want of room. */
  readonly isBlocked: boolean;
  /** Undefined: no event bus is configured. */
  readonly relay:
    | { readonly lagEvents: number; readonly lagMs: number; readonly isConnected: boolean }
    | undefined;
};

/** What became of an event on its way to the event bus; a stub tells its place alone. */
export type RelayOutcome = "published" | "stub" | "dropped";

/** How an attempt of a step can end, or its way to an agent. */
export type AttemptOutcome = "succeeded" | "failed" | "interrupted" | "failed_over";

export type StepStatus = "succeeded" | "failed" | "skipped" | "cancelled";

/** The metrics of one capability's steps. */
export type CapabilityFigures = {
  readonly sends: Tally;
  readonly attempts: { readonly [outcome in AttemptOutcome]: Tally };
  readonly steps: { readonly [status in StepStatus]: Tally };
  readonly retries: Tally;
  readonly seconds: Spread;
  readonly queueSeconds: Spread;
};

export type ExecutionStatus = "succeeded" | "failed" | "cancelled";

/** The metrics of one workflow's executions. */
export type WorkflowFigures = {
  readonly started: Tally;
  readonly ended: { readonly [status in ExecutionStatus]: Tally };
  readonly seconds: Spread;
  readonly efficiency: Spread;
};

const commitSecondsBounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const commitEventsBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];
const shareBounds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Every metric of the orchestrator: docs/reference/metrics.md. What passes often is counted in fields that are kept. */
export class OrchestratorMetrics {
  readonly commitSeconds: Spread;
  readonly commitEvents: Spread;
  readonly #calls: Family<Tally>;
  readonly #failures: Family<Tally>;
  readonly #spansDropped: Family<Tally>;
  readonly #relayed: Family<Tally>;
  readonly #systemEventsDropped: Tally;
  readonly #capability: (name: string) => CapabilityFigures;
  readonly #workflow: (namespace: string, name: string) => WorkflowFigures;
  readonly #capabilities = new Map<string, CapabilityFigures>();

  constructor(metrics: Metrics) {
    this.#calls = metrics.counter({
      name: "weft_orchestrator_calls_total",
      help: "gRPC calls that were answered, by method, status code and reason.",
      labels: ["method", "code", "reason"],
    });
    this.#failures = metrics.counter({
      name: "weft_step_failures_total",
      help: "Failed attempts of steps, by capability and code.",
      labels: ["capability", "code"],
    });
    this.#spansDropped = metrics.counter({
      name: "weft_spans_dropped_total",
      help: "Spans that were lost on their way to a collector or a file.",
      labels: ["target"],
    });
    this.#relayed = metrics.counter({
      name: "weft_relay_events_total",
      help: "Events that the event bus took, those it refused, and those whose stub it refused too.",
      labels: ["outcome"],
    });
    this.#systemEventsDropped = metrics
      .counter({
        name: "weft_system_events_dropped_total",
        help: "Changes of breakers and quarantines that the event bus was not told.",
      })
      .with();
    this.commitSeconds = metrics
      .histogram(
        { name: "weft_log_commit_seconds", help: "How long a commit of the log takes." },
        commitSecondsBounds,
      )
      .with();
    this.commitEvents = metrics
      .histogram(
        { name: "weft_log_commit_events", help: "Events that become durable in one commit." },
        commitEventsBounds,
      )
      .with();
    this.#capability = capabilityFamilies(metrics);
    this.#workflow = workflowFamilies(metrics);
  }

  call(method: string, code: string, reason: string): void {
    this.#calls.with(method, code, reason).add();
  }

  failure(capability: string, code: string): void {
    this.#failures.with(capability, code).add();
  }

  spansDropped(target: string, spans: number): void {
    this.#spansDropped.with(target).add(spans);
  }

  relayed(outcome: RelayOutcome): void {
    this.#relayed.with(outcome).add();
  }

  systemEventDropped(): void {
    this.#systemEventsDropped.add();
  }

  capability(name: string): CapabilityFigures {
    const known = this.#capabilities.get(name);
    if (known) return known;
    const figures = this.#capability(name);
    // Capabilities beyond what the metrics tell apart share their figures: they need not be remembered one by one.
    if (this.#capabilities.size < capabilitiesMax) this.#capabilities.set(name, figures);
    return figures;
  }

  workflow(namespace: string, name: string): WorkflowFigures {
    return this.#workflow(namespace, name);
  }
}

const capabilitiesMax = 1_000;

function capabilityFamilies(metrics: Metrics): (name: string) => CapabilityFigures {
  const sends = metrics.counter({
    name: "weft_step_sends_total",
    help: "Steps that were bound to an agent and sent there, failovers and retries included.",
    labels: ["capability"],
  });
  const attempts = metrics.counter({
    name: "weft_step_attempts_total",
    help: "How sends of steps ended: succeeded, failed, interrupted (the agent was lost), failed_over (no agent took it).",
    labels: ["capability", "outcome"],
  });
  const steps = metrics.counter({
    name: "weft_steps_ended_total",
    help: "Steps that have ended, by status.",
    labels: ["capability", "status"],
  });
  const retries = metrics.counter({
    name: "weft_step_retries_total",
    help: "Attempts that were scheduled after a failed one.",
    labels: ["capability"],
  });
  const seconds = metrics.histogram({
    name: "weft_step_seconds",
    help: "From the first send of a step to its success, retries included.",
    labels: ["capability"],
  });
  const queueSeconds = metrics.histogram({
    name: "weft_step_queue_seconds",
    help: "How long steps waited for a slot, of those that had to.",
    labels: ["capability"],
  });
  return (name) => ({
    sends: sends.with(name),
    attempts: {
      succeeded: attempts.with(name, "succeeded"),
      failed: attempts.with(name, "failed"),
      interrupted: attempts.with(name, "interrupted"),
      failed_over: attempts.with(name, "failed_over"),
    },
    steps: {
      succeeded: steps.with(name, "succeeded"),
      failed: steps.with(name, "failed"),
      skipped: steps.with(name, "skipped"),
      cancelled: steps.with(name, "cancelled"),
    },
    retries: retries.with(name),
    seconds: seconds.with(name),
    queueSeconds: queueSeconds.with(name),
  });
}

function workflowFamilies(metrics: Metrics): (namespace: string, name: string) => WorkflowFigures {
  const labels = ["namespace", "workflow"];
  const started = metrics.counter({
    name: "weft_executions_started_total",
    help: "Executions started.",
    labels,
  });
  const ended = metrics.counter({
    name: "weft_executions_ended_total",
    help: "Executions that have ended, by status.",
    labels: [...labels, "status"],
  });
  const seconds = metrics.histogram({
    name: "weft_execution_seconds",
    help: "From the start of an execution to its end, however it ended.",
    labels,
  });
  const efficiency = metrics.histogram(
    {
      name: "weft_execution_parallel_efficiency",
      help: "Work of the steps ÷ (duration × steps that can run at the same time), of executions that succeeded.",
      labels,
    },
    shareBounds,
  );
  return (namespace, name) => ({
    started: started.with(namespace, name),
    ended: {
      succeeded: ended.with(namespace, name, "succeeded"),
      failed: ended.with(namespace, name, "failed"),
      cancelled: ended.with(namespace, name, "cancelled"),
    },
    seconds: seconds.with(namespace, name),
    efficiency: efficiency.with(namespace, name),
  });
}

/** Gauges, read from live state; without it, while a shard is being loaded, they are absent. */
export function registerGauges(metrics: Metrics, live: () => LiveFigures | undefined): void {
  const gauge: LiveGauge = (name, help, labels, read) =>
    metrics.gauge({ name, help, labels }, (set) => {
      const figures = live();
      if (figures) for (const sample of read(figures)) set(...sample);
    });
  gauge("weft_executions_in_flight", "Executions in memory that have not ended.", [], (figures) => [
    [figures.executionsInFlight],
  ]);
  gauge("weft_executions_quarantined", "Executions that are left alone until a restart.", [], (figures) => [
    [figures.quarantined],
  ]);
  gauge("weft_step_sends_in_flight", "Steps that are out at agents.", [], (figures) => [
    [figures.sendsInFlight],
  ]);
  gauge("weft_steps_waiting", "Steps that wait for a slot.", ["capability"], ({ waiting }) =>
    Array.from(waiting, ([capability, steps]) => [steps, capability] as const),
  );
  gauge("weft_agents", "Agents that are known, by whether they are given work.", ["state"], ({ agents }) => [
    [agents.eligible, "eligible"],
    [agents.other, "other"],
  ]);
  gauge("weft_agent_slots", "Slots of agents that are given work.", ["state"], ({ slots }) => [
    [slots.mine, "mine"],
    [slots.elsewhere, "elsewhere"],
    [slots.free, "free"],
  ]);
  gauge("weft_circuit_breakers", "Circuit breakers that are not closed.", ["kind", "state"], ({ breakers }) =>
    Array.from(breakers, ([kind, state, count]) => [count, kind, state] as const),
  );
  gauge("weft_log_position", "Newest durable event of a shard.", ["shard"], ({ shard, position }) => [
    [position, String(shard)],
  ]);
  gauge("weft_log_blocked", "1 while the log has no room.", ["shard"], ({ shard, isBlocked }) => [
    [Number(isBlocked), String(shard)],
  ]);
  registerRelayGauges(gauge);
}

type LiveGauge = (
  name: string,
  help: string,
  labels: readonly string[],
  read: (figures: LiveFigures) => Iterable<readonly [number, ...string[]]>,
) => void;

/** How far the event bus is behind the log. */
function registerRelayGauges(gauge: LiveGauge): void {
  const of = (name: string, help: string, read: (relay: NonNullable<LiveFigures["relay"]>) => number): void =>
    gauge(name, help, ["shard"], ({ shard, relay }) => (relay ? [[read(relay), String(shard)]] : []));
  of(
    "weft_outbox_lag_events",
    "Durable events that the event bus has not taken.",
    (relay) => relay.lagEvents,
  );
  of("weft_outbox_lag_seconds", "Age of the oldest of them.", ({ lagMs }) => lagMs / 1_000);
  of("weft_event_bus_connected", "1 while the event bus answers.", (relay) => Number(relay.isConnected));
}
