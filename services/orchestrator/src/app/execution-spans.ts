import type { SpanSink } from "@weft/runtime/finished-span";
import type { Logger } from "@weft/runtime/logger";
import { isTerminal, type RecordedEvent } from "../core/event.ts";
import { type Execution, hasEnded } from "../core/execution.ts";
import type { Span } from "../core/span.ts";
import { lateSuccess, Trace } from "../core/trace.ts";
import { isSampled, spanIdOf, type TraceContext, traceIdOf } from "../core/trace-context.ts";
import { logged } from "./history.ts";
import type { LoadExecution } from "./residents.ts";
import { spanIdAt } from "./span-ids.ts";
import type { Store } from "./store.ts";
import type { Published, Subscriber } from "./watch-hub.ts";

export type ExecutionSpansOptions = {
  readonly sink: SpanSink;
  readonly store: Pick<Store, "readEvents" | "readLog">;
  readonly load: LoadExecution;
  readonly logger: Logger;
};

/** Beyond it, spans come when their execution has ended. */
const followedMax = 20_000;
/** Logs that wait to be read; the traces of what comes beyond are lost. */
const readsMax = 1_000;
const pageSize = 1_000;
/** Of the newest events at a start: what ended so shortly before a crash may not have been exported. */
const tailEvents = 1_000;
const tailMs = 5_000;

/**
 * Turns what becomes durable into spans.
 *
 * 1. Only sampled executions cost anything here.
 * 2. An execution is followed from its first event to its last, or not at all. One that was not, because an earlier
 *    life began it or too many are, is told from its log when it ends: spans that the earlier life has exported come
 *    again, the same and with the same ids.
 * 3. Logs are read one at a time.
 */
export class ExecutionSpans implements Subscriber {
  readonly #options: ExecutionSpansOptions;
  readonly #followed = new Map<string, Trace>();
  readonly #reads: string[] = [];
  #isReading = false;
  #unread = 0;
  #isStopped = false;

  constructor(options: ExecutionSpansOptions) {
    this.#options = options;
  }

  published({ execution, events }: Published): void {
    const trace = execution.header?.trace;
    if (!trace || !isSampled(trace)) return;
    const followed = this.#followed.get(execution.id) ?? this.#follow(execution, events[0]!);
    const last = events.at(-1)!.event;
    if (followed) {
      for (const recorded of events) this.#emit(execution, followed.apply(recorded));
      if (isTerminal(last.kind)) this.#followed.delete(execution.id);
    } else if (isTerminal(last.kind)) this.#readLater(execution.id);
    else this.#emitLate(execution, events);
  }

  closed(): void {
    this.#isStopped = true;
    this.#followed.clear();
  }

  /** Takes up what may have been lost with an earlier life. */
  async recover(shard: number, lastPosition: number): Promise<void> {
    const { store } = this.#options;
    const tail = await store.readLog(shard, Math.max(0, lastPosition - tailEvents), tailEvents);
    const sinceMs = (tail.at(-1)?.timeMs ?? 0) - tailMs;
    for (const { kind, timeMs, executionId } of tail)
      if (isTerminal(kind) && timeMs >= sinceMs) this.#readLater(executionId);
  }

  #follow({ id, workflow }: Execution, first: RecordedEvent): Trace | undefined {
    if (first.sequence !== 1 || this.#followed.size >= followedMax) return undefined;
    const trace = new Trace(id, workflow);
    this.#followed.set(id, trace);
    return trace;
  }

  /** All others of an execution that is not followed wait for its end; this one may come after it. */
  #emitLate(execution: Execution, events: readonly RecordedEvent[]): void {
    if (!hasEnded(execution)) return;
    for (const { event, timeMs } of events)
      if (event.kind === "step.succeeded_late") this.#emit(execution, [lateSuccess(event, timeMs)]);
  }

  #readLater(executionId: string): void {
    const { logger } = this.#options;
    if (this.#reads.length >= readsMax) {
      if (this.#unread++ === 0)
        logger.warn({ executionId, readsMax }, "traces are left out: too many logs wait to be read");
      return;
    }
    this.#reads.push(executionId);
    if (!this.#isReading) void this.#readAll();
  }

  async #readAll(): Promise<void> {
    const { logger } = this.#options;
    this.#isReading = true;
    for (let id = this.#reads.shift(); id !== undefined && !this.#isStopped; id = this.#reads.shift()) {
      try {
        await this.#readOne(id);
      } catch (err) {
        if (!this.#isStopped) logger.warn({ executionId: id, err }, "the trace of an execution is left out");
      }
    }
    this.#isReading = false;
  }

  async #readOne(id: string): Promise<void> {
    const loaded = await this.#options.load(id);
    const trace = loaded?.execution.header?.trace;
    if (!loaded || !trace || !isSampled(trace)) return;
    const { execution } = loaded;
    const told = new Trace(id, execution.workflow);
    for (let after = 0; ; after += pageSize) {
      const page = await this.#options.store.readEvents(id, after, pageSize);
      for (const stored of page) this.#emit(execution, told.apply(logged(stored)));
      if (page.length < pageSize) return;
    }
  }

  #emit({ id, header }: Execution, spans: readonly Span[]): void {
    for (const span of spans) this.#options.sink.emit(finished(id, header!.trace!, span));
  }
}

function finished(executionId: string, trace: TraceContext, span: Span): Parameters<SpanSink["emit"]>[0] {
  const { path, parentPath, links, failure, ...rest } = span;
  const spanId = spanIdAt(executionId, path);
  const parent = parentPath === undefined ? spanIdOf(trace) : spanIdAt(executionId, parentPath);
  return {
    ...rest,
    traceId: traceIdOf(trace),
    tracestate: trace.tracestate,
    spanId,
    // The execution that began its trace names itself.
    parentSpanId: parent === spanId ? undefined : parent,
    links: links.map((link) => ({
      spanId: spanIdAt(executionId, link.path),
      attributes: link.attributes,
    })),
    failure: failure && `${failure.code}: ${failure.message}`,
  };
}
