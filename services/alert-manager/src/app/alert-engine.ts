import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import { type Hearing, momentOf } from "../core/horizon.ts";
import { judge } from "../core/judge.ts";
import type { MemoryLimits } from "../core/limits.ts";
import type { Notification } from "../core/notification.ts";
import { notify } from "../core/notify.ts";
import type { Placed } from "../core/observation.ts";
import { prune } from "../core/prune.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import { forgetShard, remember } from "../core/remember.ts";
import { restoreState, type SavedRow, type State, takeUnsaved, turnedAway } from "../core/state.ts";
import { AlertDesk } from "./alert-desk.ts";
import type { AlertMetrics } from "./alert-metrics.ts";
import { alertCounts, type Derived } from "./alert-reads.ts";
import { Changes } from "./changes.ts";
import { Deliveries, type DeliveryLimits, type Tried } from "./deliveries.ts";
import { Mailbox } from "./mailbox.ts";
import type { FeedSink, Receiver } from "./ports.ts";
import { recordTried } from "./requests.ts";
import { RuleBook } from "./rule-book.ts";
import { SteadyTime } from "./steady-time.ts";
import type { AlertStore } from "./store.ts";
import { Watchers } from "./watchers.ts";

export type AlertEngineOptions = {
  readonly store: AlertStore;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: AlertMetrics;
  /** Asked whenever one is needed: they may change. */
  readonly receivers: ReadonlyMap<string, Receiver>;
  /** The text of the shipped rules, and of those that are laid over them. */
  readonly shippedRules: string;
  readonly rules: string;
  readonly deliveryLimits: DeliveryLimits;
  readonly memoryLimits: MemoryLimits;
  /** From one look at all rules to the next. */
  readonly judgeEveryMs: number;
};

const pruneEveryMs = 60_000;

/**
 * The alert manager: facts in, notifications out. It owns the state, and nobody else changes it.
 *
 * 1. Changes come one after the other, by the mailbox, and none has a consequence before it is saved.
 * 2. A fact is saved together with its place in the log: it is taken in exactly once, whatever dies when.
 * 3. A notification is recorded together with the change that caused it, and is sent until its end is recorded.
 */
export class AlertEngine implements FeedSink {
  readonly #options: AlertEngineOptions;
  readonly #state: State;
  readonly #book: RuleBook;
  readonly #time: SteadyTime;
  readonly #mailbox: Mailbox;
  readonly #deliveries: Deliveries;
  readonly #watchers = new Watchers();
  /** What people ask for. */
  readonly desk: AlertDesk;
  readonly #changes: Changes;
  readonly #hearing: Hearing;
  /** Recorded in the change that is being saved. */
  readonly #unsent: Notification[] = [];
  #derived: Derived = { mutes: new Map(), cutOff: new Map() };
  #cancelLook: CancelTimer | undefined;
  #isLookPosted = false;
  #prunedAtMs = 0;
  #wasJumped = false;

  private constructor(options: AlertEngineOptions, state: State, book: RuleBook, time: SteadyTime) {
    const { clock, random, receivers, deliveryLimits: limits, store, logger } = options;
    this.#options = options;
    this.#state = state;
    this.#book = book;
    this.#time = time;
    this.#hearing = { sinceMs: time.now(), heardAtMs: new Map() };
    this.#changes = new Changes(logger);
    this.#deliveries = new Deliveries({ clock, random, receivers, limits }, (tried) => this.#tried(tried));
    this.#mailbox = new Mailbox({
      store,
      clock,
      random,
      logger,
      takeUnsaved: () => takeUnsaved(state),
      onSaved: () => this.#afterSave(),
    });
    this.desk = new AlertDesk({
      state,
      book,
      time,
      logger,
      changes: this.#changes,
      mailbox: this.#mailbox,
      watchers: this.#watchers,
      derived: () => this.#derived,
      moment: () => momentOf(state.memory, this.#hearing, time.now()),
      look: () => this.#look(),
    });
  }

  /** Loads what is kept. Refused when the rules are bad. */
  static async open(options: AlertEngineOptions): Promise<AlertEngine | Rejection> {
    const time = new SteadyTime(options.clock);
    const { shippedRules, rules, receivers, store, memoryLimits } = options;
    const book = RuleBook.open(shippedRules, receivers, rules, time.now());
    if (isRejection(book)) return book;
    const rows: SavedRow[] = [];
    await store.load((some) => {
      for (const row of some) rows.push(row);
    });
    return new AlertEngine(options, restoreState(rows, memoryLimits), book, time);
  }

  /** Begins to look at the rules, and sends again what was not delivered. */
  start(): void {
    for (const { status, notification, failures } of this.#state.deliveries.values())
      if (status === "pending") this.#deliveries.send({ notification, failures });
    this.#armLook();
  }

  /** Up to where the log of each shard is taken in. */
  positions(): ReadonlyMap<number, number> {
    const { positions } = this.#state.memory;
    return new Map([...positions.entries()].map(([shard, { position }]) => [Number(shard), position]));
  }

  observe(observations: readonly Placed[]): Promise<void> {
    return this.#mailbox.post(() => this.#takeIn(observations));
  }

  logReset(shard: number, logId: string): Promise<void> {
    this.#options.logger.warn({ shard, logId }, "the log of a shard is another one; starting it anew");
    return this.#mailbox.post(() => forgetShard(this.#state.memory, shard));
  }

  /** False while the state can't be saved: nothing goes on. */
  get isSaving(): boolean {
    return this.#mailbox.isSaving;
  }

  /** Saves what was taken, and stops. What is not delivered is sent again at the next start. */
  async stop(): Promise<void> {
    this.#cancelLook?.();
    this.#deliveries.stop();
    this.#watchers.end();
    await this.#mailbox.close(new Error("the alert manager is stopping"));
  }

  #takeIn(observations: readonly Placed[]): void {
    const nowMs = this.#time.now();
    // While our own clock is off, a fact's time can't be compared with it: it counts from now.
    const isJumped = this.#time.jumpedByMs() !== 0;
    for (const { observation, place } of observations) {
      try {
        remember(
          this.#state.memory,
          isJumped ? { ...observation, timeMs: nowMs } : observation,
          place,
          nowMs,
        );
      } catch (err) {
        this.#options.logger.error(
          { err, ...place, kind: observation.kind },
          "a fact could not be taken in; it is left out",
        );
      }
      if (place) this.#hearing.heardAtMs.set(place.shard, nowMs);
    }
    const last = observations.at(-1)?.observation.timeMs ?? nowMs;
    this.#options.metrics.observed(observations.length, Math.max(0, nowMs - last));
  }

  #armLook(): void {
    this.#cancelLook = this.#options.clock.after(this.#options.judgeEveryMs, () => {
      this.#armLook();
      if (this.#isLookPosted) return;
      this.#isLookPosted = true;
      // Refused only when the engine stops or the store is lost: whoever closes it knows.
      this.#mailbox.post(() => this.#look()).catch(() => undefined);
    });
  }

  /** Judges all rules, and decides whom to tell what. */
  #look(): void {
    this.#isLookPosted = false;
    const startedAt = this.#options.clock.monotonic();
    const nowMs = this.#time.now();
    this.#sayWhenJumped();
    const { happened, cutOff } = judge(
      this.#state,
      this.#book.rules,
      momentOf(this.#state.memory, this.#hearing, nowMs),
    );
    const { mutes, notifications } = notify(this.#state, this.#book.rules, nowMs);
    this.#changes.happened(happened);
    this.#changes.muted(this.#derived.mutes, mutes);
    this.#derived = { mutes, cutOff };
    this.#unsent.push(...notifications);
    if (nowMs - this.#prunedAtMs >= pruneEveryMs) {
      this.#prunedAtMs = nowMs;
      prune(this.#state, nowMs);
    }
    this.#options.metrics.judged(this.#options.clock.monotonic() - startedAt);
  }

  #sayWhenJumped(): void {
    const jumpedByMs = this.#time.jumpedByMs();
    if (jumpedByMs !== 0 && !this.#wasJumped)
      this.#options.logger.warn(
        { jumpedByMs },
        "the clock has jumped; alerts go by the old one and make up for it slowly",
      );
    this.#wasJumped = jumpedByMs !== 0;
  }

  #tried(tried: Tried): void {
    const { metrics, logger } = this.#options;
    this.#mailbox
      .post(() => recordTried(this.#state, tried, this.#time.now(), { metrics, logger }))
      .catch(() => undefined);
  }

  #afterSave(): void {
    for (const notification of this.#unsent.splice(0)) this.#deliveries.send({ notification, failures: 0 });
    const { metrics } = this.#options;
    metrics.waiting(this.#deliveries.size);
    metrics.alerts(alertCounts(this.#state));
    metrics.turnedAway(turnedAway(this.#state));
    const views = this.#changes.take(this.#state, this.#derived.mutes, this.#book.rules, this.#time.now());
    this.#watchers.offer(views);
  }
}
