/** Facts that go with a log line: JSON values and errors, never payloads or credentials. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes one line: JSON on standard error, or readable text when that is a terminal.
 *
 * @example
 * ```ts
 * log.info("page fetched", { url, bytes });
 * ```
 */
export type Log = {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

/**
 * W3C trace context, for a caller that passes it on by hand; with OpenTelemetry set up it is the handler's context.
 *
 * @example
 * ```ts
 * async run({ url }, { trace, signal }) {
 *   const answer = await fetch(url, { signal, headers: trace ? { traceparent: trace.traceparent } : {} });
 *   return { status: answer.status };
 * }
 * ```
 */
export type StepTrace = {
  /** "00-<trace id>-<span id>-<flags>": of the span that stands for this dispatch. */
  readonly traceparent: string;
  readonly tracestate?: string;
};

/**
 * What a handler knows of its step, and what it may do besides returning a result.
 *
 * @example
 * ```ts
 * async run({ pages }, { signal, progress, log, idempotencyKey }) {
 *   for (const [index, page] of pages.entries()) {
 *     await publish(page, { signal, key: `${idempotencyKey}/${index}` });
 *     progress((index + 1) / pages.length, page);
 *   }
 *   log.info("published", { pages: pages.length });
 *   return { published: pages.length };
 * }
 * ```
 */
export type StepContext = {
  /**
   * Aborts when the step is cancelled or its time is over; the reason is a {@link StepFailure}. A handler
   * that goes on keeps its slot until it ends.
   */
  readonly signal: AbortSignal;
  /**
   * Tells those who watch how far the step is: a fraction from 0 to 1 and a few words (1,024 characters at
   * most). Call it as often as you like: at most one in 100 ms is sent, and the last one wins. Never stored.
   *
   * Each call is also a heartbeat: where the step has a `heartbeatTimeout`, call it more often than that.
   */
  readonly progress: (fraction: number, message?: string) => void;
  /** Lines carry the ids of the dispatch, the execution, the step and the trace, and the namespace. */
  readonly log: Log;
  /**
   * "execution/step": the same over all attempts of this step. Handlers run at least once; an effect happens
   * once where the system that it goes to honours this key.
   */
  readonly idempotencyKey: string;
  /** "execution/step/attempt/send": unique for ever. */
  readonly dispatchId: string;
  readonly executionId: string;
  readonly stepId: string;
  /** From 1. */
  readonly attempt: number;
  /** The workflow's name. */
  readonly workflow: string;
  readonly namespace: string;
  /** Of the execution's trace; undefined when it has none. */
  readonly trace: StepTrace | undefined;
  /** Names this attempt to CompleteStep: for whoever completes a step whose handler returns `later()`. */
  readonly completionToken: string;
  /**
   * Milliseconds until the attempt times out, as of now; Infinity without a timeout. While the execution is
   * paused there is none.
   */
  readonly timeLeftMs: number;
};
