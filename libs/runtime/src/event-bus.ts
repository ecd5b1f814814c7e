/** A CloudEvents 1.0 event, with JSON as its data. */
export type CloudEvent = {
  /** Unique for its source. */
  readonly id: string;
  /** A URI reference. */
  readonly source: string;
  /** What has happened, such as "step.succeeded". */
  readonly type: string;
  /** What it has happened to. */
  readonly subject: string;
  readonly timeMs: number;
  /** Names of lower-case letters and digits. */
  readonly extensions: Readonly<Record<string, string>>;
  /** JSON text in UTF-8. */
  readonly data: Uint8Array;
};

/** An event on its way to the bus. */
export type Publication = {
  /** Dotted tokens: where on the bus it goes. */
  readonly channel: string;
  /** The same for every attempt: the bus drops a repetition as far as it remembers. */
  readonly publicationId: string;
  readonly event: CloudEvent;
};

/** Refused: the bus will never take it as it is. Unavailable: it may be taken later; whether it was now is unknown. */
export type PublishOutcome =
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unavailable"; readonly reason: string };

export type EventPublisher = {
  /** Whether the last that was heard of the bus was good. */
  readonly isConnected: boolean;
  /** Never rejects. What is published one after another arrives in that order, as far as it is taken. */
  publish(publication: Publication): Promise<PublishOutcome>;
  close(): Promise<void>;
};

export type EventSink = {
  /** Events in the order of the bus. They count as heard once it resolves; when it rejects, they come again. */
  deliver(events: readonly CloudEvent[]): Promise<void>;
  /** Connected: what is published from now on comes. Otherwise some of it may never come. */
  connected(isConnected: boolean, reason: string): void;
};

export type EventSubscriber = {
  /**
   * Hands over what is published from now on; a name that has subscribed before is first given what it has missed,
   * as far as the bus has kept it. At least once. Resolves the returned `close` when nothing is delivered any more.
   */
  subscribe(name: string, sink: EventSink): { close(): Promise<void> };
  close(): Promise<void>;
};
