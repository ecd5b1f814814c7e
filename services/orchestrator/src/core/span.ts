import type { Failure } from "./failure.ts";

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Something that happened within a span. */
export type SpanEvent = {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: SpanAttributes;
};

/**
 * Another span that this one has to do with, by its path.
 *
 * The path of a span is what its id is derived from: "" for the execution, "step", "step/attempt/send".
 */
export type SpanLink = { readonly path: string; readonly attributes: SpanAttributes };

/** A part of an execution that is over, as its log tells it. The same log gives the same spans, word for word. */
export type Span = {
  readonly path: string;
  /** Undefined: it is the execution. */
  readonly parentPath: string | undefined;
  readonly name: string;
  /** A server answers a backend; a client calls an agent. */
  readonly kind: "server" | "internal" | "client";
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  /** Set when it failed. */
  readonly failure: Pick<Failure, "code" | "message"> | undefined;
};

/** Of one span; what is more is counted in `weft.events_left_out`. */
export const spanEventsMax = 128;

/** A span that has not ended. */
export class OpenSpan {
  readonly path: string;
  readonly startMs: number;
  readonly #head: Pick<Span, "path" | "parentPath" | "name" | "kind" | "startMs" | "links">;
  readonly #attributes: Record<string, string | number | boolean>;
  readonly #events: SpanEvent[] = [];
  #leftOut = 0;

  constructor(
    head: Pick<Span, "path" | "parentPath" | "name" | "kind" | "startMs" | "links">,
    attributes: SpanAttributes,
  ) {
    this.path = head.path;
    this.startMs = head.startMs;
    this.#head = head;
    this.#attributes = { ...attributes };
  }

  add(name: string, timeMs: number, attributes: SpanAttributes = {}): void {
    if (this.#events.length < spanEventsMax) this.#events.push({ name, timeMs, attributes });
    else this.#leftOut++;
  }

  set(name: string, value: string | number | boolean): void {
    this.#attributes[name] = value;
  }

  end(endMs: number, outcome: string, failure?: Pick<Failure, "code" | "message">): Span {
    const attributes = this.#attributes;
    attributes["weft.outcome"] = outcome;
    if (failure) attributes["error.type"] = failure.code;
    if (this.#leftOut > 0) attributes["weft.events_left_out"] = this.#leftOut;
    // A clock that was set back does not make a span end before it began.
    const end = Math.max(this.startMs, endMs);
    return { ...this.#head, endMs: end, attributes, events: this.#events, failure };
  }
}
