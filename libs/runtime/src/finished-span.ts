export type SpanFields = Readonly<Record<string, string | number | boolean>>;

/** A span that has ended, with ids that its maker has chosen. Times are milliseconds since the epoch. */
export type FinishedSpan = {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Undefined: it is the root of its trace. */
  readonly parentSpanId: string | undefined;
  readonly tracestate: string | undefined;
  readonly name: string;
  readonly kind: "server" | "internal" | "client";
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanFields;
  readonly events: readonly {
    readonly name: string;
    readonly timeMs: number;
    readonly attributes: SpanFields;
  }[];
  /** Other spans of the same trace. */
  readonly links: readonly { readonly spanId: string; readonly attributes: SpanFields }[];
  /** Why it failed; undefined: it did not. */
  readonly failure: string | undefined;
};

/** Takes spans, and sees to the rest by itself: it never throws, never waits, and drops what it has no room for. */
export type SpanSink = {
  emit(span: FinishedSpan): void;
  /** Exports what is left, for at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
};
