import type { CancelTimer, Clock } from "@weft/runtime/clock";

export type AttemptTimersOptions = {
  readonly clock: Clock;
  /** Absent: the handler need not make progress calls. */
  readonly heartbeatTimeoutMs: number | undefined;
  readonly onDeadline: (deadlineMs: number) => void;
  /** False while nothing can be heard of the agent: its loss is another matter, and has another timer. */
  readonly isAudible: () => boolean;
  readonly onHeartbeatMissed: () => void;
};

const nothing: CancelTimer = () => {};

/** Times one attempt at an agent: its deadline, which may move, and its heartbeat. Both run monotonically. */
export class AttemptTimers {
  readonly #options: AttemptTimersOptions;
  #deadlineMs: number | undefined;
  #stopDeadline = nothing;
  #stopHeartbeat = nothing;
  #lastHeardAt: number;

  constructor(options: AttemptTimersOptions) {
    this.#options = options;
    this.#lastHeardAt = options.clock.monotonic();
    if (options.heartbeatTimeoutMs !== undefined) this.#awaitHeartbeat(options.heartbeatTimeoutMs);
  }

  /** As it is in force; undefined while the execution is paused. */
  get deadlineMs(): number | undefined {
    return this.#deadlineMs;
  }

  /** Until the deadline; 0, which means none, while there is none. */
  get timeLeftMs(): number {
    if (this.#deadlineMs === undefined) return 0;
    return Math.max(1, Math.round(this.#deadlineMs - this.#options.clock.now()));
  }

  /** Puts another deadline in force. It is not found missed before `graceMs`: its agent may hold the answer. */
  setDeadline(deadlineMs: number | undefined, graceMs = 0): void {
    const { clock, onDeadline } = this.#options;
    this.#stopDeadline();
    this.#stopDeadline = nothing;
    this.#deadlineMs = deadlineMs;
    if (deadlineMs === undefined) return;
    const delayMs = Math.max(graceMs, deadlineMs - clock.now(), 0);
    this.#stopDeadline = clock.after(delayMs, () => onDeadline(deadlineMs));
  }

  /** The handler has made progress. */
  heard(): void {
    this.#lastHeardAt = this.#options.clock.monotonic();
  }

  stop(): void {
    this.#stopDeadline();
    this.#stopHeartbeat();
  }

  /** One timer, however often the handler is heard: it looks when the last call known to it would be too old. */
  #awaitHeartbeat(timeoutMs: number): void {
    const { clock, isAudible, onHeartbeatMissed } = this.#options;
    if (!isAudible()) this.heard();
    const leftMs = this.#lastHeardAt + timeoutMs - clock.monotonic();
    if (leftMs <= 0) onHeartbeatMissed();
    else this.#stopHeartbeat = clock.after(leftMs, () => this.#awaitHeartbeat(timeoutMs));
  }
}
