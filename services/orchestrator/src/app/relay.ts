import { backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { EventPublisher, Publication } from "@weft/runtime/event-bus";
import type { Logger } from "@weft/runtime/logger";
import type { RelayOutcome } from "../metrics.ts";
import type { LogFeed, RoutedEvent } from "./log-feed.ts";
import { RefusalLog } from "./refusal-log.ts";
import type { RelayPace } from "./relay-pace.ts";
import { RelayWindow } from "./relay-window.ts";

/** How an event looks on the bus. */
export type RelayForm = {
  publication(routed: RoutedEvent): Publication;
  /** Of its place alone, for one that the bus refuses. */
  stub(routed: RoutedEvent, reason: string): Publication;
};

export type RelayPorts = {
  readonly feed: Pick<LogFeed, "headPosition" | "read" | "follow">;
  readonly cursor: { read(): Promise<number>; save(position: number): Promise<void> };
  readonly publisher: EventPublisher;
  readonly form: RelayForm;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly pace: Pick<RelayPace, "turn">;
  /** Hears what became of each event. */
  readonly counted: (outcome: RelayOutcome) => void;
};

/** How far the relay has come, at this moment. */
export type RelayFigures = {
  /** All events up to it were taken, as they are or as stubs. */
  readonly position: number;
  readonly lagEvents: number;
  /** The age of the oldest event that was not taken. */
  readonly lagMs: number;
  readonly isConnected: boolean;
};

/** Publishes under way at once. */
const unackedMax = 256;
/** Events that are published before others get a turn: none of them may wait for the relay. */
const eventsPerTurn = 16;
const retry = { initialMs: 100, maxMs: 2_000 };
/** What was relayed since the last save is relayed again after a crash, and dropped by whoever has it. */
const saveMs = 1_000;

/**
 * Brings a shard's durable events to the bus, in the order of the log; from its cursor on.
 *
 * 1. It reads what is durable, from the store, when the log has grown. Nothing waits for it, and it holds no more
 *    than a page and a window: while the bus takes nothing, the log is the buffer.
 * 2. `#window.cursor` only grows, and never over an event that was not taken: an event is relayed at least once.
 *    After trouble it goes back to the cursor, so events may come twice and out of order; their positions tell.
 * 3. Dispatch goes first: where the process is full, few events a second go out, and the log is the buffer.
 * 4. What the bus refuses for good goes as a stub, and if that is refused too it is counted: nothing stops the relay.
 */
export class Relay {
  readonly #ports: RelayPorts;
  readonly #refusals: RefusalLog;
  #window = new RelayWindow(unackedMax, 0);
  #running: Promise<void> = Promise.resolve();
  #unfollow: () => void = () => {};
  #cancelSave: CancelTimer | undefined;
  #saved = 0;
  #trouble: string | undefined;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(ports: RelayPorts) {
    this.#ports = ports;
    this.#refusals = new RefusalLog(ports.logger);
  }

  get figures(): RelayFigures {
    const { feed, publisher, clock } = this.#ports;
    const { cursor, oldestTimeMs } = this.#window;
    const lagEvents = Math.max(0, feed.headPosition - cursor);
    return {
      position: cursor,
      lagEvents,
      lagMs: lagEvents === 0 || oldestTimeMs === undefined ? 0 : Math.max(0, clock.now() - oldestTimeMs),
      isConnected: publisher.isConnected && this.#trouble === undefined,
    };
  }

  async start(): Promise<void> {
    const { feed, cursor } = this.#ports;
    // Beyond the log's end it is of a log that a backup has set back.
    this.#saved = Math.min(await cursor.read(), feed.headPosition);
    this.#window = new RelayWindow(unackedMax, this.#saved);
    this.#unfollow = feed.follow({ grown: () => this.#wake(), closed: () => {} });
    this.#running = this.#run();
  }

  /** Waits for nothing that is on its way to the bus. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unfollow();
    this.#wake();
    await this.#running;
    this.#cancelSave?.();
    await this.#save();
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isStopped; ) {
      if (this.#window.cursor >= this.#ports.feed.headPosition) {
        await this.#sleep();
        continue;
      }
      this.#trouble = undefined;
      await this.#pass();
      failures = this.#trouble === undefined ? 0 : failures + 1;
      if (failures > 0) await this.#sleep(backoffMs(retry, failures, this.#ports.random));
    }
  }

  /** From the cursor to the head, or until there is trouble. */
  async #pass(): Promise<void> {
    const window = new RelayWindow(unackedMax, this.#window.cursor);
    const before = this.#window;
    let next = window.cursor;
    while (this.#goesOn()) {
      const page = await this.#read(next);
      if (page.length === 0) break;
      for (const [index, routed] of page.entries()) {
        while (window.isFull && this.#goesOn()) await this.#fewer(window);
        if (!this.#goesOn()) break;
        this.#publish(routed, window);
        // Only now: until it is known what comes first, its age is known from the pass before.
        if (this.#window === before) this.#window = window;
        if (index % eventsPerTurn === eventsPerTurn - 1) await this.#ports.pace.turn(eventsPerTurn);
      }
      next = page.at(-1)!.position;
    }
    while (!window.isEmpty && !this.#isStopped) await this.#fewer(window);
  }

  #goesOn(): boolean {
    return this.#trouble === undefined && !this.#isStopped;
  }

  async #read(afterPosition: number): Promise<readonly RoutedEvent[]> {
    try {
      return await this.#ports.feed.read(afterPosition);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  #publish(routed: RoutedEvent, window: RelayWindow): void {
    const sent = window.add(routed.position, routed.timeMs);
    void this.#bring(routed).then((isTaken) => {
      window.settle(sent, isTaken);
      if (isTaken) this.#saveSoon();
    });
  }

  /** False: not now. */
  async #bring(routed: RoutedEvent): Promise<boolean> {
    const { form, counted } = this.#ports;
    const refusal = await this.#tryPublish(() => form.publication(routed));
    if (typeof refusal === "boolean") {
      if (refusal) counted("published");
      return refusal;
    }
    const stub = await this.#tryPublish(() => form.stub(routed, refusal));
    if (stub === false) return false;
    const isTold = stub === true;
    counted(isTold ? "stub" : "dropped");
    this.#refusals.note(routed.position, isTold, isTold ? refusal : stub);
    return true;
  }

  /** Whether it was taken; or why it never will be. */
  async #tryPublish(made: () => Publication): Promise<boolean | string> {
    let publication: Publication;
    try {
      publication = made();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const outcome = await this.#ports.publisher.publish(publication);
    if (outcome.kind === "refused") return outcome.reason;
    if (outcome.kind === "unavailable") {
      this.#failed(outcome.reason);
      return false;
    }
    return true;
  }

  #failed(reason: string): void {
    if (this.#trouble === undefined && !this.#isStopped)
      this.#ports.logger.debug({ reason, position: this.#window.cursor }, "events wait for the event bus");
    this.#trouble ??= reason;
  }

  #saveSoon(): void {
    if (this.#isStopped) return;
    this.#cancelSave ??= this.#ports.clock.after(saveMs, () => {
      this.#cancelSave = undefined;
      void this.#save();
    });
  }

  async #save(): Promise<void> {
    const { cursor } = this.#window;
    if (cursor <= this.#saved) return;
    try {
      await this.#ports.cursor.save(cursor);
      this.#saved = cursor;
    } catch (error) {
      // What was relayed since the last save is relayed again.
      const reason = error instanceof Error ? error.message : String(error);
      this.#ports.logger.warn({ reason }, "the relay's cursor can't be saved");
    }
  }

  /** Until the log grows or the time is up; after trouble, which growth does not end, the time alone. */
  #sleep(delayMs?: number): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => {
      if (delayMs === undefined) this.#wake = resolve;
      else {
        const cancel = this.#ports.clock.after(delayMs, resolve);
        this.#wake = () => {
          if (!this.#isStopped) return;
          cancel();
          resolve();
        };
      }
    });
  }

  /** Until an answer comes for what is in the window, or the relay stops. */
  #fewer(window: RelayWindow): Promise<void> {
    return Promise.race([
      window.fewer(),
      new Promise<void>((resolve) => {
        this.#wake = () => {
          if (this.#isStopped) resolve();
        };
      }),
    ]);
  }
}
