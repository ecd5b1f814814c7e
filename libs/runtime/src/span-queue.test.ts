import { describe, expect, it } from "vitest";
import type { FinishedSpan } from "./finished-span.ts";
import type { Logger } from "./logger.ts";
import { SpanQueue } from "./span-queue.ts";
import { StepClock } from "./step-clock.ts";

function spanNamed(name: string): FinishedSpan {
  const ids = {
    traceId: "1".repeat(32),
    spanId: "2".repeat(16),
    parentSpanId: undefined,
    tracestate: undefined,
  };
  const times = { startMs: 1, endMs: 2 };
  return {
    ...ids,
    ...times,
    name,
    kind: "internal",
    attributes: {},
    events: [],
    links: [],
    failure: undefined,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose deliveries end by hand. */
function queueByHand() {
  const clock = new StepClock();
  const lines: string[] = [];
  const logger = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [
      level,
      (fields: object, message: string) => lines.push(`${level} ${message} ${JSON.stringify(fields)}`),
    ]),
  ) as unknown as Logger;
  const deliveries: { names: readonly string[]; end(error?: Error): Promise<void> }[] = [];
  const closed = { count: 0 };
  const dropped = { spans: 0 };
  const queue = new SpanQueue({
    clock,
    logger,
    target: "t",
    onDropped(spans) {
      dropped.spans += spans;
    },
    deliver: (spans) =>
      new Promise((resolve, reject) => {
        deliveries.push({
          names: spans.map(({ name }) => name),
          end(error) {
            if (error) reject(error);
            else resolve();
            return turn();
          },
        });
      }),
    async close() {
      closed.count++;
    },
  });
  const emit = (count: number, from = 0): void => {
    for (let index = 0; index < count; index++) queue.emit(spanNamed(String(from + index)));
  };
  return { clock, lines, deliveries, queue, emit, closed, dropped };
}

describe("spans that wait to be exported", () => {
  it("go together after a second", () => {
    const { clock, deliveries, emit } = queueByHand();
    emit(3);
    clock.advance(999);
    expect(deliveries).toEqual([]);
    clock.advance(1);
    expect(deliveries.map(({ names }) => names)).toEqual([["0", "1", "2"]]);
  });

  it("go at once when there are 256, one batch at a time", async () => {
    const { clock, deliveries, emit } = queueByHand();
    emit(600);
    expect(deliveries.map(({ names }) => names.length)).toEqual([256]);
    await deliveries[0]!.end();
    expect(deliveries.map(({ names }) => names.length)).toEqual([256, 256]);
    await deliveries[1]!.end();
    expect(deliveries).toHaveLength(2);
    clock.advance(1_000);
    expect(deliveries.map(({ names }) => names.length)).toEqual([256, 256, 88]);
  });

  it("are dropped and counted beyond 8,192, and the log hears of it once", async () => {
    const { deliveries, emit, dropped, lines } = queueByHand();
    emit(256 + 8_192 + 5);
    expect(dropped.spans).toBe(5);
    expect(lines).toEqual([
      'warn spans are dropped {"target":"t","dropped":1,"reason":"they come faster than they can be exported"}',
    ]);
    await deliveries[0]!.end();
    expect(lines[1]).toBe('info spans are exported again {"target":"t","dropped":5}');
    expect(lines).toHaveLength(2);
  });

  it("are lost with a batch that nobody takes, and the next goes on", async () => {
    const { deliveries, emit, dropped, lines } = queueByHand();
    emit(512);
    await deliveries[0]!.end(new Error("connection refused"));
    await deliveries[1]!.end(new Error("connection refused"));
    expect(dropped.spans).toBe(512);
    expect(lines).toEqual([
      'warn spans are dropped {"target":"t","dropped":256,"reason":"connection refused"}',
    ]);
  });

  it("go before a stop, and none after it", async () => {
    const { deliveries, emit, queue, closed, dropped, clock } = queueByHand();
    emit(300);
    await deliveries[0]!.end();
    const stopped = queue.stop(5_000);
    await turn();
    expect(deliveries.map(({ names }) => names.length)).toEqual([256, 44]);
    emit(1);
    await deliveries[1]!.end();
    await stopped;
    expect([deliveries.length, dropped.spans, closed.count, clock.armed]).toEqual([2, 0, 1, 0]);
  });

  it("hold a stop up no longer than its grace", async () => {
    const { deliveries, emit, queue, closed, dropped, clock, lines } = queueByHand();
    emit(300);
    const stopped = queue.stop(5_000);
    clock.advance(5_000);
    await stopped;
    expect([deliveries.length, dropped.spans, closed.count]).toEqual([1, 44, 1]);
    expect(lines).toEqual([
      'warn spans are dropped {"target":"t","dropped":44,"reason":"the process stops"}',
    ]);
  });
});
