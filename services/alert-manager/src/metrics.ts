import type { Family, Metrics, Spread, Tally } from "@weft/runtime/metrics";
import type { AlertState, Severity } from "./core/alert.ts";

type Counts = ReadonlyMap<`${AlertState}/${Severity}`, number>;

/** Every metric of the alert manager: docs/reference/alerts.md. */
export class AlertManagerMetrics {
  readonly #calls: Family<Tally>;
  readonly #notifications: Family<Tally>;
  readonly #deliverySeconds: Family<Spread>;
  readonly #observations: Tally;
  readonly #judgeSeconds: Spread;
  readonly #posts: Family<Tally>;
  #alerts: Counts = new Map();
  #waiting = 0;
  #feedLagMs = 0;
  #turnedAway: Readonly<Record<string, number>> = {};
  #judgedAtMs = 0;

  constructor(metrics: Metrics, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#calls = metrics.counter({
      name: "weft_alerts_calls_total",
      help: "gRPC calls that were answered, by method, status code and reason.",
      labels: ["method", "code", "reason"],
    });
    this.#notifications = metrics.counter({
      name: "weft_alerts_notifications_total",
      help: "Tries to notify that have ended: delivered, retry, rejected or given_up.",
      labels: ["receiver", "outcome"],
    });
    this.#deliverySeconds = metrics.histogram({
      name: "weft_alerts_notification_seconds",
      help: "From the record of a notification to its delivery.",
      labels: ["receiver"],
    });
    this.#observations = metrics
      .counter({ name: "weft_alerts_observations_total", help: "Facts that were taken in." })
      .with();
    this.#judgeSeconds = metrics
      .histogram({ name: "weft_alerts_judge_seconds", help: "How long a look at all rules took." })
      .with();
    this.#posts = metrics.counter({
      name: "weft_alerts_mirror_posts_total",
      help: "Posts of alerts to Alertmanagers: delivered, retry or rejected.",
      labels: ["member", "outcome"],
    });
    this.#registerGauges(metrics);
  }

  readonly #nowMs: () => number;

  call(method: string, code: string, reason: string): void {
    this.#calls.with(method, code, reason).add();
  }

  alerts(counts: Counts): void {
    this.#alerts = counts;
  }

  delivery(receiver: string, outcome: string, latencyMs: number): void {
    this.#notifications.with(receiver, outcome).add();
    if (outcome === "delivered") this.#deliverySeconds.with(receiver).observe(latencyMs / 1_000);
  }

  waiting(count: number): void {
    this.#waiting = count;
  }

  observed(count: number, lagMs: number): void {
    this.#observations.add(count);
    this.#feedLagMs = lagMs;
  }

  judged(tookMs: number): void {
    this.#judgeSeconds.observe(tookMs / 1_000);
    this.#judgedAtMs = this.#nowMs();
  }

  turnedAway(counts: Readonly<Record<string, number>>): void {
    this.#turnedAway = counts;
  }

  posted(member: string, outcome: string): void {
    this.#posts.with(member, outcome).add();
  }

  #registerGauges(metrics: Metrics): void {
    metrics.gauge(
      {
        name: "weft_alerts",
        help: "Alerts that there are, by state and severity.",
        labels: ["state", "severity"],
      },
      (set) => {
        for (const [key, count] of this.#alerts) set(count, ...key.split("/"));
      },
    );
    metrics.gauge({ name: "weft_alerts_notifications_waiting", help: "Notifications on their way." }, (set) =>
      set(this.#waiting),
    );
    metrics.gauge(
      { name: "weft_alerts_feed_lag_seconds", help: "The age of the last fact when it was taken in." },
      (set) => set(this.#feedLagMs / 1_000),
    );
    metrics.gauge(
      {
        name: "weft_alerts_turned_away",
        help: "Rows that were refused or forgotten for want of room since the start, by table.",
        labels: ["table"],
      },
      (set) => {
        for (const [table, count] of Object.entries(this.#turnedAway)) set(count, table);
      },
    );
    metrics.gauge(
      {
        name: "weft_alerts_heartbeat_timestamp_seconds",
        help: "When all rules were last looked at: alert when it is old, from outside.",
      },
      (set) => set(this.#judgedAtMs / 1_000),
    );
  }
}

/** What is read from the rules in force whenever somebody reads the metrics. */
export function registerRuleGauges(
  metrics: Metrics,
  live: () => { readonly rules: number; readonly isRefused: boolean } | undefined,
): void {
  metrics.gauge({ name: "weft_alerts_rules", help: "Rules in force." }, (set) => set(live()?.rules ?? 0));
  metrics.gauge(
    {
      name: "weft_alerts_rules_refused",
      help: "1 while the last text of rules was refused and older ones are in force.",
    },
    (set) => set(Number(live()?.isRefused ?? false)),
  );
}
