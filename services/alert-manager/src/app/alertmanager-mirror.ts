import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import type { AlertView, Labels } from "../core/alert.ts";
import type { SendOutcome } from "./ports.ts";

/** An alert as Alertmanager knows it. UTC milliseconds. */
export type MirroredAlert = {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
};

/** One Alertmanager; each of a cluster must hear of every alert. */
export type AlertmanagerMember = {
  /** For logs and metrics; not its address, which may hold a key. */
  readonly name: string;
  post(alerts: readonly MirroredAlert[], signal: AbortSignal): Promise<SendOutcome>;
};

export type Mirrored = {
  readonly members: readonly AlertmanagerMember[];
  /** Added to every alert. */
  readonly labels: Labels;
};

type Options = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** All that fire, and those that have ended and are kept. */
  readonly current: () => readonly AlertView[];
  readonly onPosted: (member: string, outcome: SendOutcome["kind"]) => void;
};

const everyMs = 60_000;
/** What it hears no more of, Alertmanager takes for resolved after this: two rounds may fail. */
const aliveMs = 180_000;
/** For so long the end of an alert is told, so that no member misses it. */
const endedMs = 300_000;
/** Changes gather for so long. */
const gatherMs = 1_000;
const alertsPerPostMax = 200;
const timeoutMs = 12_000;

/**
 * Shows Alertmanagers which alerts there are: a mirror of what is, not a queue of what happened. Every minute all of
 * them, and within a second what has changed. What a member could not be told it is told in the next minute.
 */
export class AlertmanagerMirror {
  readonly #options: Options;
  #feeds: readonly MemberFeed[] = [];
  #labels: Labels = {};
  /** By fingerprint. */
  readonly #changed = new Map<string, AlertView>();
  #cancelRound: CancelTimer | undefined;
  #cancelGather: CancelTimer | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Shows other members from now on; at once. */
  configure({ members, labels }: Mirrored): void {
    for (const feed of this.#feeds) feed.stop();
    this.#labels = labels;
    const { clock, logger, onPosted } = this.#options;
    this.#feeds = members.map((member) => new MemberFeed(member, clock, logger, onPosted));
    this.#cancelRound?.();
    this.#cancelRound = undefined;
    if (members.length > 0) this.#round();
  }

  /** Alerts that have changed. */
  changed(alerts: readonly AlertView[]): void {
    if (this.#feeds.length === 0) return;
    for (const alert of alerts) this.#changed.set(alert.fingerprint, alert);
    this.#cancelGather ??= this.#options.clock.after(gatherMs, () => {
      this.#cancelGather = undefined;
      const gathered = [...this.#changed.values()];
      this.#changed.clear();
      this.#show(gathered);
    });
  }

  stop(): void {
    this.#cancelRound?.();
    this.#cancelGather?.();
    for (const feed of this.#feeds) feed.stop();
    this.#feeds = [];
  }

  #round(): void {
    this.#cancelRound = this.#options.clock.after(everyMs, () => this.#round());
    this.#show(this.#options.current());
  }

  #show(alerts: readonly AlertView[]): void {
    const nowMs = this.#options.clock.now();
    const mirrored = alerts.flatMap((alert) => mirroredOf(alert, this.#labels, nowMs));
    for (const feed of this.#feeds) feed.show(mirrored);
  }
}

/** None for one that has not fired, or ended long ago. */
function mirroredOf(alert: AlertView, added: Labels, nowMs: number): readonly MirroredAlert[] {
  const { rule, severity, labels, annotations, summary, fingerprint, id, startsAtMs, firedAtMs } = alert;
  if (firedAtMs === undefined || nowMs - (alert.endsAtMs ?? nowMs) > endedMs) return [];
  return [
    {
      labels: { ...labels, ...added, alertname: rule, severity },
      // Ids are no labels: each other label is another alert.
      annotations: { ...annotations, summary, weftAlert: id, weftFingerprint: fingerprint },
      startsAtMs,
      endsAtMs: alert.endsAtMs ?? nowMs + aliveMs,
    },
  ];
}

/** What one member has yet to be told: of each alert the latest. One post at a time. */
class MemberFeed {
  readonly #member: AlertmanagerMember;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onPosted: Options["onPosted"];
  readonly #waiting = new Map<string, MirroredAlert>();
  readonly #stopping = new AbortController();
  #isPosting = false;
  #isFailing = false;

  constructor(member: AlertmanagerMember, clock: Clock, logger: Logger, onPosted: Options["onPosted"]) {
    this.#member = member;
    this.#clock = clock;
    this.#logger = logger;
    this.#onPosted = onPosted;
  }

  show(alerts: readonly MirroredAlert[]): void {
    for (const alert of alerts) this.#waiting.set(alert.annotations["weftFingerprint"] ?? "", alert);
    if (!this.#isPosting) void this.#postAll();
  }

  stop(): void {
    this.#stopping.abort();
    this.#waiting.clear();
  }

  async #postAll(): Promise<void> {
    this.#isPosting = true;
    while (this.#waiting.size > 0) {
      const some = [...this.#waiting].slice(0, alertsPerPostMax);
      for (const [fingerprint] of some) this.#waiting.delete(fingerprint);
      const outcome = await this.#post(some.map(([, alert]) => alert));
      if (this.#stopping.signal.aborted) return;
      this.#note(outcome);
      // The next minute brings them all again.
      if (outcome.kind !== "delivered") this.#waiting.clear();
    }
    this.#isPosting = false;
  }

  async #post(alerts: readonly MirroredAlert[]): Promise<SendOutcome> {
    const late = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () => late.abort());
    try {
      return await this.#member.post(alerts, AbortSignal.any([late.signal, this.#stopping.signal]));
    } finally {
      cancel();
    }
  }

  /** The first failure is told, and the first success after it. */
  #note(outcome: SendOutcome): void {
    const { name } = this.#member;
    this.#onPosted(name, outcome.kind);
    if (outcome.kind === "delivered") {
      if (this.#isFailing) this.#logger.info({ member: name }, "the Alertmanager takes alerts again");
      this.#isFailing = false;
      return;
    }
    const { reason } = outcome;
    if (!this.#isFailing) this.#logger.error({ member: name, reason }, "an Alertmanager takes no alerts");
    this.#isFailing = true;
  }
}
