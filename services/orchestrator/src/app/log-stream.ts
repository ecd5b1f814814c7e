import type { LogFeed, RoutedEvent } from "./log-feed.ts";

/** Where a stream of the log goes. */
export type LogSink = {
  /** False asks to wait for `resume`. */
  send(events: readonly RoutedEvent[], headPosition: number): boolean;
  /** All that there was when it began has been sent. */
  finish(): void;
  /** The orchestrator stops; the reader can go on elsewhere, or later. */
  interrupt(): void;
  fail(error: unknown): void;
};

export type LogRange = {
  readonly afterPosition: number;
  /** Goes on with what comes. */
  readonly follow: boolean;
};

type Waiting = "reads" | "waits for room" | "waits for more" | "is over";

/**
 * A shard's log after a position: dense, each event once, in order.
 *
 * 1. `#cursor` is the last position that was sent; the next one sent is `#cursor + 1`.
 * 2. It holds one page at most, and reads the next when the reader has room.
 */
export class LogStream {
  readonly #feed: LogFeed;
  readonly #range: LogRange;
  readonly #sink: LogSink;
  readonly #unfollow: () => void;
  /** Where a stream that does not follow ends. */
  readonly #end: number;
  #cursor: number;
  #state: Waiting = "reads";
  #hasGrown = false;

  constructor(feed: LogFeed, range: LogRange, sink: LogSink) {
    this.#feed = feed;
    this.#range = range;
    this.#sink = sink;
    this.#cursor = range.afterPosition;
    this.#end = feed.headPosition;
    this.#unfollow = feed.follow({
      grown: () => this.#grown(),
      closed: () => {
        this.stop();
        sink.interrupt();
      },
    });
    // A reader at the head hears where it is, and that the stream is in force.
    if (this.#cursor >= this.#end) sink.send([], this.#end);
    void this.#read();
  }

  /** The reader has room again; harmless when it had room all the time. */
  resume(): void {
    if (this.#state === "waits for room") void this.#read();
  }

  stop(): void {
    this.#state = "is over";
    this.#unfollow();
  }

  #grown(): void {
    this.#hasGrown = true;
    if (this.#state === "waits for more") void this.#read();
  }

  async #read(): Promise<void> {
    this.#state = "reads";
    try {
      while (this.#state === "reads") await this.#readPage();
    } catch (error) {
      if (this.#isOver()) return;
      this.stop();
      this.#sink.fail(error);
    }
  }

  async #readPage(): Promise<void> {
    if (!this.#range.follow && this.#cursor >= this.#end) return this.#finish();
    this.#hasGrown = false;
    const page = await this.#feed.read(this.#cursor);
    if (this.#isOver()) return;
    const last = page.at(-1);
    if (!last) {
      // What came while it read is in no page yet.
      if (!this.#hasGrown) this.#state = "waits for more";
      return;
    }
    this.#cursor = last.position;
    const head = Math.max(this.#feed.headPosition, this.#cursor);
    if (!this.#sink.send(page, head) && !this.#isOver()) this.#state = "waits for room";
  }

  // A call, so that the compiler does not believe that nothing else has changed it meanwhile.
  #isOver(): boolean {
    return this.#state === "is over";
  }

  #finish(): void {
    this.stop();
    this.#sink.finish();
  }
}
