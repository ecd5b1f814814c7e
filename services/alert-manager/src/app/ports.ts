import type { Notification } from "../core/notification.ts";
import type { Placed } from "../core/observation.ts";

/** Somebody who is told of alerts. */
export type Receiver = {
  /** Hands a notification over. May be asked again with the same id; rejects never: a failure is an outcome. */
  send(notification: Notification, signal: AbortSignal): Promise<SendOutcome>;
};

export type SendOutcome =
  | { readonly kind: "delivered" }
  | {
      readonly kind: "retry";
      readonly reason: string;
      /** When it asks to be tried again; undefined: whenever. */
      readonly afterMs?: number;
    }
  /** No retry helps. */
  | { readonly kind: "rejected"; readonly reason: string };

/** Where facts come from. */
export type EventFeed = {
  /**
   * Delivers the facts of each shard in the order of its log, each once, from after the given position (0: from
   * the beginning); what no log holds comes in between.
   */
  start(positions: ReadonlyMap<number, number>, sink: FeedSink): Promise<void>;
  stop(): Promise<void>;
};

/** Where facts go. */
export type FeedSink = {
  /** Resolves once what the facts changed is durable; a feed that waits for it is never too fast. */
  observe(observations: readonly Placed[]): Promise<void>;
  /** The log of a shard is another one: its data was wiped, and positions begin anew. */
  logReset(shard: number, logId: string): Promise<void>;
};
