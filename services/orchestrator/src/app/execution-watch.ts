import { isTerminal } from "../core/event.ts";
import { type LoggedEvent, logged } from "./history.ts";
import type { Store } from "./store.ts";
import type { Progress, Published, WatchHub } from "./watch-hub.ts";

/** Where a watch goes. */
export type WatchSink = {
  /** False asks to wait for `resume`. */
  send(events: readonly LoggedEvent[]): boolean;
  progress(progress: Progress): void;
  /** The terminal event was sent. */
  finish(): void;
  /** The orchestrator stops; the reader can go on elsewhere, or later. */
  interrupt(): void;
  fail(error: unknown): void;
};

export type WatchPorts = { readonly store: Store; readonly hub: WatchHub };

export type WatchTarget = {
  readonly namespace: string;
  readonly executionId: string;
  /** 0: from the beginning. */
  readonly afterSequence: number;
};

const pageSize = 500;

/**
 * The events of one execution after a sequence: gap-free, each once, in order.
 *
 * 1. `#cursor` is the last sequence that was sent; the next one sent is always `#cursor + 1`.
 * 2. A reader that keeps up gets events as they are published; one that does not is served from the log, at
 *    its own pace. Nothing is buffered here.
 */
export class ExecutionWatch {
  readonly #store: Store;
  readonly #executionId: string;
  readonly #hasEnded: () => Promise<boolean>;
  readonly #sink: WatchSink;
  readonly #unsubscribe: () => void;
  #cursor: number;
  /** Of the newest event that is known to be durable. */
  #published = 0;
  /** Reading the log, or waiting for the reader. */
  #isBehind = true;
  #isReading = false;
  #isOver = false;

  constructor(
    { store, hub }: WatchPorts,
    { namespace, executionId, afterSequence }: WatchTarget,
    sink: WatchSink,
  ) {
    this.#store = store;
    this.#executionId = executionId;
    this.#hasEnded = async () => (await store.getExecution(namespace, executionId))?.endedAtMs !== null;
    this.#sink = sink;
    this.#cursor = afterSequence;
    this.#unsubscribe = hub.subscribe(executionId, {
      published: (published) => this.#follow(published),
      progressed: (progress) => {
        if (!this.#isBehind) sink.progress(progress);
      },
      closed: () => {
        this.stop();
        sink.interrupt();
      },
    });
    void this.#catchUp();
  }

  /** The reader has room again; harmless when it had room all the time. */
  resume(): void {
    if (this.#isBehind && !this.#isReading && !this.#isOver) void this.#catchUp();
  }

  stop(): void {
    this.#isOver = true;
    this.#unsubscribe();
  }

  #follow({ events, firstPosition }: Published): void {
    this.#published = events.at(-1)?.sequence ?? this.#published;
    if (this.#isBehind || this.#isOver) return;
    const fresh = events.map((event, index) => ({ ...event, position: firstPosition + index }));
    if (!this.#send(fresh.filter(({ sequence }) => sequence > this.#cursor))) this.#isBehind = true;
  }

  async #catchUp(): Promise<void> {
    this.#isReading = true;
    try {
      for (let hasEnded = false; ; ) {
        const page = await this.#store.readEvents(this.#executionId, this.#cursor, pageSize);
        if (this.#isOver || !this.#send(page.map(logged))) return;
        if (page.length === pageSize) continue;
        if (page.length === 0) {
          if (hasEnded) return this.#finish();
          hasEnded = await this.#hasEnded();
        }
        // What came while it read and asked is in no page yet.
        if (hasEnded || this.#published > this.#cursor) continue;
        this.#isBehind = false;
        return;
      }
    } catch (error) {
      if (this.#isOver) return;
      this.stop();
      this.#sink.fail(error);
    } finally {
      this.#isReading = false;
    }
  }

  /** False when the reader has had enough for now, or for ever. */
  #send(events: readonly LoggedEvent[]): boolean {
    const last = events.at(-1);
    if (!last) return true;
    this.#cursor = last.sequence;
    const hasRoom = this.#sink.send(events);
    // A late success may come after the end, and is the last of a page then.
    if (!events.some(({ event }) => isTerminal(event.kind))) return hasRoom;
    this.#finish();
    return false;
  }

  #finish(): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.finish();
  }
}
