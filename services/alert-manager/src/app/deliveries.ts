import { type Backoff, backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { Notification } from "../core/notification.ts";
import type { Receiver, SendOutcome } from "./ports.ts";

/** How patient a delivery is. */
export type DeliveryLimits = Backoff & {
  /** After so many failures it is given up. */
  readonly triesMax: number;
  /** Of one try. */
  readonly timeoutMs: number;
  /** Tries at a time, of all receivers; more wait their turn. */
  readonly inFlightMax: number;
};

/** Ten tries take a quarter of an hour. */
export const defaultDeliveryLimits: DeliveryLimits = {
  initialMs: 1_000,
  maxMs: 300_000,
  triesMax: 10,
  timeoutMs: 30_000,
  inFlightMax: 32,
};

/** What became of a try; it ends the delivery unless it is a retry. */
export type Tried = {
  readonly id: string;
  readonly outcome: "delivered" | "retry" | "rejected" | "given_up";
  readonly failures: number;
  readonly reason: string;
};

/** `failures`: before it was last given to us. */
export type Job = { readonly notification: Notification; readonly failures: number };

type Options = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly limits: DeliveryLimits;
};

/**
 * Sends notifications. It owns what is in flight or waits for its next try.
 *
 * 1. For one receiver and one group, one at a time and in order: no resolve overtakes its alert.
 * 2. Every notification ends: delivered, rejected, or given up after so many tries.
 */
export class Deliveries {
  readonly #options: Options;
  readonly #onTried: (tried: Tried) => void;
  /** By receiver and group. The first of each is in flight, or waits for its next try. */
  readonly #queues = new Map<string, Job[]>();
  /** Tries that wait because so many are in flight, the longest first. */
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  readonly #timers = new Set<CancelTimer>();
  readonly #stopping = new AbortController();

  constructor(options: Options, onTried: (tried: Tried) => void) {
    this.#options = options;
    this.#onTried = onTried;
  }

  /** Those that wait or are in flight. */
  get size(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  send(job: Job): void {
    const { receiver, dedupKey } = job.notification;
    const key = JSON.stringify([receiver, dedupKey]);
    const queue = this.#queues.get(key);
    if (queue) {
      queue.push(job);
      return;
    }
    this.#queues.set(key, [job]);
    this.#tryInTurn(key, job);
  }

  /** Ends what is in flight. Nothing is lost: it is recorded as pending. */
  stop(): void {
    this.#stopping.abort();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#queues.clear();
    this.#waiting.length = 0;
  }

  #tryInTurn(key: string, job: Job): void {
    if (this.#inFlight < this.#options.limits.inFlightMax) void this.#try(key, job);
    else this.#waiting.push(() => void this.#try(key, job));
  }

  async #try(key: string, job: Job): Promise<void> {
    this.#inFlight += 1;
    const outcome = await this.#attempt(job.notification);
    this.#inFlight -= 1;
    this.#waiting.shift()?.();
    if (this.#stopping.signal.aborted) return;
    const { id } = job.notification;
    if (outcome.kind === "delivered") {
      this.#end(key, { id, outcome: "delivered", failures: job.failures, reason: "" });
      return;
    }
    const failures = job.failures + 1;
    const { reason } = outcome;
    if (outcome.kind === "rejected") this.#end(key, { id, outcome: "rejected", failures, reason });
    else if (failures >= this.#options.limits.triesMax)
      this.#end(key, { id, outcome: "given_up", failures, reason });
    else this.#retry(key, { ...job, failures }, reason, outcome.afterMs);
  }

  #retry(key: string, job: Job, reason: string, afterMs = 0): void {
    const { limits, random, clock } = this.#options;
    this.#onTried({ id: job.notification.id, outcome: "retry", failures: job.failures, reason });
    const wait = Math.min(limits.maxMs, Math.max(afterMs, backoffMs(limits, job.failures, random)));
    const cancel = clock.after(wait, () => {
      this.#timers.delete(cancel);
      this.#tryInTurn(key, job);
    });
    this.#timers.add(cancel);
  }

  #end(key: string, tried: Tried): void {
    this.#onTried(tried);
    const queue = this.#queues.get(key);
    queue?.shift();
    const next = queue?.[0];
    if (next) this.#tryInTurn(key, next);
    else this.#queues.delete(key);
  }

  async #attempt(notification: Notification): Promise<SendOutcome> {
    const { receivers, clock, limits } = this.#options;
    const receiver = receivers.get(notification.receiver);
    if (!receiver)
      return { kind: "rejected", reason: `there is no receiver ${notification.receiver} any more` };
    const { promise: late, resolve } = Promise.withResolvers<SendOutcome>();
    const timedOut = new AbortController();
    const cancel = clock.after(limits.timeoutMs, () => {
      timedOut.abort();
      resolve({ kind: "retry", reason: `no answer within ${limits.timeoutMs} ms` });
    });
    const signal = AbortSignal.any([timedOut.signal, this.#stopping.signal]);
    try {
      return await Promise.race([receiver.send(notification, signal), late]);
    } catch (error) {
      return { kind: "retry", reason: error instanceof Error ? error.message : String(error) };
    } finally {
      cancel();
    }
  }
}
