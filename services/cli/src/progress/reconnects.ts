import { backoffMs } from "@weft/runtime/backoff";
import type { Clock } from "@weft/runtime/clock";
import { Code, RpcError } from "@weft/runtime/grpc";

const backoff = { initialMs: 200, maxMs: 2_000 };
/** A service that is away for longer is not waited for. */
const awayMsMax = 300_000;

/** Counts the failures in a row of one stream, and says when to try again. */
class Reconnects {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #failures = 0;
  #awaySince = 0;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  get isAway(): boolean {
    return this.#failures > 0;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** How long to wait before the next try; undefined: do not try again. */
  failed(error: unknown): number | undefined {
    if (this.#failures === 0) this.#awaySince = this.#clock.monotonic();
    this.#failures++;
    const isAwayTooLong = this.#clock.monotonic() - this.#awaySince > awayMsMax;
    return isAwayTooLong || !isPassing(error) ? undefined : backoffMs(backoff, this.#failures, Math.random);
  }

  /** Ends early when the signal aborts. */
  pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#signal.aborted) return Promise.resolve();
    const cancel = this.#clock.after(ms, resolve);
    const onAbort = (): void => {
      cancel();
      resolve();
    };
    this.#signal.addEventListener("abort", onAbort, { once: true });
    return promise.finally(() => this.#signal.removeEventListener("abort", onAbort));
  }
}

/** The connection of a stream went, or is there again. */
export type ConnectionChange =
  | { readonly kind: "lost"; readonly retryInMs: number }
  | { readonly kind: "resumed" };

export type ReconnectingPorts = {
  readonly clock: Clock;
  /** Ends the stream, as if there were no more. */
  readonly signal: AbortSignal;
  /** The error as a person is told of it. */
  readonly failure: (error: unknown) => unknown;
};

/**
 * What a stream brings, opened anew whenever it breaks; to its end, or to that of the signal. `open` throws when the
 * stream ends before its time, and tells through `reconnects` when it is there again. Throws the failure of what trying
 * again will not mend.
 */
export async function* reconnecting<T>(
  { clock, signal, failure }: ReconnectingPorts,
  open: (reconnects: Reconnects) => AsyncGenerator<T>,
): AsyncGenerator<T | ConnectionChange> {
  const reconnects = new Reconnects(clock, signal);
  while (!signal.aborted) {
    try {
      return yield* open(reconnects);
    } catch (error) {
      if (signal.aborted) return;
      const retryInMs = reconnects.failed(error);
      if (retryInMs === undefined) throw failure(error);
      yield { kind: "lost", retryInMs };
      await reconnects.pause(retryInMs);
    }
  }
}

const passing: ReadonlySet<Code> = new Set([
  Code.UNAVAILABLE,
  Code.RESOURCE_EXHAUSTED,
  Code.ABORTED,
  Code.CANCELLED,
  Code.INTERNAL,
  Code.UNKNOWN,
  Code.DEADLINE_EXCEEDED,
]);

/** A connection that broke or a service that is away, as opposed to one that refused. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof RpcError) || !passing.has(error.code)) return false;
  const isAnswer = error.details.reason !== undefined;
  return !isAnswer || error.code === Code.UNAVAILABLE || error.code === Code.RESOURCE_EXHAUSTED;
}
