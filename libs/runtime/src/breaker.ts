import { EventEmitter } from "node:events";
import CircuitBreaker from "opossum";
import type { CancelTimer, Clock } from "./clock.ts";

/** What a call says of whoever was called. `neither`: it says nothing, as when we have cancelled it ourselves. */
export type BreakerOutcome = "succeeded" | "failed" | "neither";

export type BreakerState = "CLOSED" | "OPEN" | "HALF_OPEN";

/** Why a breaker is in another state. */
export type BreakerReason = "FAILURES" | "COOLED_DOWN" | "PROBE_FAILED" | "PROBE_PASSED" | "RESET";

export type StateChange = { readonly from: BreakerState; readonly reason: BreakerReason };

export type BreakerRules = {
  /** So many failures in a row open it. */
  readonly failuresInARow: number;
  /** It also opens when half of the last 20 outcomes, of 5 at least, are failures. */
  readonly watchesShare: boolean;
  /** For how long it stays open before it lets a probe through; up to a tenth more, by chance. */
  readonly coolDownMs: number;
  /** For so long an unanswered probe keeps others back; one that makes progress beyond it passes. */
  readonly probeMs: number;
};

export type BreakerSnapshot = {
  readonly state: BreakerState;
  readonly failuresInARow: number;
  /** Of the last 20 outcomes. */
  readonly recentFailures: number;
  readonly recentOutcomes: number;
  /** Of the last failure that was told with one, since it was closed last. */
  readonly lastFailureCode: string | undefined;
  /** Undefined while it is closed. */
  readonly openedAtMs: number | undefined;
  /** While it is open. */
  readonly nextProbeAtMs: number | undefined;
};

const windowLength = 20;
const windowMask = 2 ** windowLength - 1;
const shareOutcomesMin = 5;
const firesBetweenTurns = 1_000;

/**
 * What breakers share: time, chance, and a logical clock that moves with every change of state. A call carries
 * the epoch in which it began.
 */
export class BreakerGround {
  readonly clock: Clock;
  readonly random: () => number;
  readonly turns = new EventEmitter().setMaxListeners(0);
  #epoch = 0;
  #fires = 0;

  constructor(clock: Clock, random: () => number) {
    this.clock = clock;
    this.random = random;
  }

  get epoch(): number {
    return this.#epoch;
  }

  nextEpoch(): number {
    return ++this.#epoch;
  }

  /** Opossum keeps what it counts until its buckets turn; they turn by count, so that nothing ticks when idle. */
  fired(): void {
    if (++this.#fires % firesBetweenTurns === 0) this.turns.emit("rotate");
  }
}

const nothing = (): void => {};
const hardFailure = new Error("a hard failure");
const recorded = Promise.resolve();

/** Throws at once: opossum would count a rejected promise a turn later, perhaps in another state. */
function recorder(isFailure: boolean): Promise<void> {
  if (isFailure) throw hardFailure;
  return recorded;
}

/**
 * Keeps calls away from what keeps failing. Opossum holds whether it is closed; counting, time and probes are
 * ours, because its own assume short calls: it counts starts and ends apart, knows the real clock alone, and
 * waits for ever for a probe that hangs.
 *
 * 1. Outcomes count when the call has ended, and only if it began after the last change of state.
 * 2. Half-open, one probe is out at a time. One that is not answered within `probeMs` keeps no other back, and
 *    its answer still counts.
 * 3. A circuit exists only while one of the last outcomes is a failure: a healthy breaker costs three numbers.
 */
export class Breaker {
  readonly #ground: BreakerGround;
  readonly #rules: BreakerRules;
  readonly #changed: (change?: StateChange) => void;
  #circuit: CircuitBreaker<[boolean], void> | undefined;
  /** The last outcomes, the newest in the lowest bit; 1 is a failure. */
  #window = 0;
  #outcomes = 0;
  #inARow = 0;
  #sinceEpoch = 0;
  #lastFailureCode: string | undefined;
  #openedAtMs: number | undefined;
  /** Undefined while it is not open. */
  #nextProbeAtMs: number | undefined;
  /** When the first probe went out since it is half-open. */
  #probedSince: number | undefined;
  #isProbing = false;
  #stopTimer: CancelTimer = nothing;

  /** `changed` runs when its state is another, and without a change when it would let another probe through. */
  constructor(ground: BreakerGround, rules: BreakerRules, changed: (change?: StateChange) => void) {
    this.#ground = ground;
    this.#rules = rules;
    this.#changed = changed;
  }

  get state(): BreakerState {
    if (this.#circuit?.closed ?? true) return "CLOSED";
    return this.#nextProbeAtMs === undefined ? "HALF_OPEN" : "OPEN";
  }

  /** Whether a call may go out now. */
  get admits(): boolean {
    return this.state === "CLOSED" || (this.state === "HALF_OPEN" && !this.#isProbing);
  }

  /** A call goes out: half-open, it is the probe. */
  begin(): void {
    if (this.state !== "HALF_OPEN") return;
    this.#isProbing = true;
    this.#probedSince ??= this.#ground.clock.monotonic();
    this.#after(this.#rules.probeMs, () => this.#freeProbe());
  }

  /** A call that had begun has not gone out after all. */
  giveBack(): void {
    if (this.state === "HALF_OPEN") this.#endProbe();
  }

  /** How a call has ended that began in the epoch, and the code of its failure, for those who look. */
  record(epoch: number, outcome: BreakerOutcome, failureCode?: string): void {
    const { state } = this;
    if (epoch < this.#sinceEpoch || state === "OPEN") return;
    if (outcome === "failed") this.#lastFailureCode = failureCode;
    if (state === "CLOSED") {
      if (outcome !== "neither") this.#count(outcome === "failed");
    } else if (outcome === "succeeded") this.#close("PROBE_PASSED");
    else if (outcome === "neither") this.#freeProbe();
    else {
      this.#inARow++;
      this.#coolDown({ from: state, reason: "PROBE_FAILED" });
    }
  }

  /** A call that began in the epoch is heard of: a probe that goes on so for `probeMs` has passed. */
  progressed(epoch: number): void {
    if (epoch < this.#sinceEpoch || this.#probedSince === undefined) return;
    const probingMs = this.#ground.clock.monotonic() - this.#probedSince;
    if (probingMs >= this.#rules.probeMs) this.#close("PROBE_PASSED");
  }

  /** Closes it, whatever has happened, and forgets what was counted. */
  close(): void {
    this.#close("RESET");
  }

  /** Forgets what was counted, and runs no timer and reports nothing any more. */
  shutdown(): void {
    this.#window = this.#outcomes = this.#inARow = 0;
    this.#lastFailureCode = this.#openedAtMs = this.#nextProbeAtMs = this.#probedSince = undefined;
    this.#endProbe();
    this.#dropCircuit();
  }

  snapshot(): BreakerSnapshot {
    return {
      state: this.state,
      failuresInARow: this.#inARow,
      recentFailures: bitsIn(this.#window),
      recentOutcomes: this.#outcomes,
      lastFailureCode: this.#lastFailureCode,
      openedAtMs: this.#openedAtMs,
      nextProbeAtMs: this.#nextProbeAtMs,
    };
  }

  #close(reason: BreakerReason): void {
    const from = this.state;
    this.shutdown();
    if (from === "CLOSED") return;
    this.#sinceEpoch = this.#ground.nextEpoch();
    this.#changed({ from, reason });
  }

  #count(isFailure: boolean): void {
    this.#window = ((this.#window << 1) | Number(isFailure)) & windowMask;
    this.#outcomes = Math.min(this.#outcomes + 1, windowLength);
    this.#inARow = isFailure ? this.#inARow + 1 : 0;
    if (this.#window === 0) return this.#dropCircuit();
    this.#circuit ??= circuitOn(this.#ground);
    this.#circuit.fire(isFailure).catch(nothing);
    this.#ground.fired();
    if (isFailure && this.#isTripped()) this.#open(this.#circuit);
  }

  #isTripped(): boolean {
    if (this.#inARow >= this.#rules.failuresInARow) return true;
    if (!this.#rules.watchesShare || this.#outcomes < shareOutcomesMin) return false;
    return bitsIn(this.#window) * 2 >= this.#outcomes;
  }

  #open(circuit: CircuitBreaker<[boolean], void>): void {
    circuit.open();
    this.#openedAtMs = this.#ground.clock.now();
    this.#coolDown({ from: "CLOSED", reason: "FAILURES" });
  }

  #coolDown(change: StateChange): void {
    const { clock, random } = this.#ground;
    const coolDownMs = this.#rules.coolDownMs * (1 + random() / 10);
    this.#endProbe();
    this.#probedSince = undefined;
    this.#nextProbeAtMs = clock.now() + coolDownMs;
    this.#sinceEpoch = this.#ground.nextEpoch();
    this.#after(coolDownMs, () => {
      this.#nextProbeAtMs = undefined;
      this.#sinceEpoch = this.#ground.nextEpoch();
      this.#changed({ from: "OPEN", reason: "COOLED_DOWN" });
    });
    this.#changed(change);
  }

  #freeProbe(): void {
    this.#endProbe();
    this.#changed();
  }

  #endProbe(): void {
    this.#stopTimer();
    this.#isProbing = false;
  }

  #after(delayMs: number, run: () => void): void {
    this.#stopTimer();
    this.#stopTimer = this.#ground.clock.after(delayMs, run);
  }

  #dropCircuit(): void {
    this.#circuit?.shutdown();
    this.#circuit = undefined;
  }
}

/** The longest that setTimeout takes: its own half-open state, by the real clock, is not used. */
const neverMs = 2 ** 31 - 1;

/** No timeout, capacity, abort controller, snapshot or percentile, and a trip rule of its own that never holds. */
function circuitOn({ turns }: BreakerGround): CircuitBreaker<[boolean], void> {
  return new CircuitBreaker(recorder, {
    timeout: false,
    resetTimeout: neverMs,
    volumeThreshold: Number.MAX_SAFE_INTEGER,
    enableSnapshots: false,
    rollingPercentilesEnabled: false,
    rollingCountBuckets: 1,
    rotateBucketController: turns,
  });
}

function bitsIn(window: number): number {
  let bits = 0;
  for (let rest = window; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
