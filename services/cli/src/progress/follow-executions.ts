import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import type { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import { msOf } from "../render/time.ts";
import type { Followed, FollowPorts } from "./follow-execution.ts";
import { reconnecting } from "./reconnects.ts";
import { isTerminal } from "./terminal-event.ts";

export type WatchTarget = {
  readonly namespace: string;
  /** Empty: any. */
  readonly workflow: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only the event that ends each execution. */
  readonly terminalOnly: boolean;
  readonly payloads: PayloadForm;
};

/** Executions that are looked through for what was missed while the connection was lost. */
const caughtUpMax = 1_000;
const callTimeoutMs = 15_000;

/** What has been seen: enough to find what was missed, and to drop what comes twice. */
type Memory = {
  /** The last sequence of each execution that was seen and has not ended. */
  readonly cursors: Map<string, bigint>;
  /** The time of the newest event. */
  seenMs: number;
};

/**
 * The events of many executions from now on, across broken connections: after one, what was missed is read
 * from the histories of the newest executions first. Ends with the signal alone.
 */
export async function* followExecutions(target: WatchTarget, ports: FollowPorts): AsyncGenerator<Followed> {
  const { orchestrator, clock, signal } = ports;
  const memory: Memory = { cursors: new Map(), seenMs: clock.now() };
  const { failure } = orchestrator;
  yield* reconnecting({ clock, signal, failure }, async function* (reconnects): AsyncGenerator<Followed> {
    const request = { ...target, labels: { ...target.labels } };
    for await (const { events } of orchestrator.client.watchExecutions(request, { signal })) {
      if (reconnects.isAway) {
        // The watch is in force: what is read now and what it brings overlap, and leave no gap.
        reconnects.succeeded();
        yield { kind: "resumed" };
        for await (const event of missed(target, memory, ports)) yield { kind: "event", event };
      }
      for (const event of events) if (isNews(event, memory)) yield { kind: "event", event };
    }
    throw new RpcError(Code.UNAVAILABLE, "the stream ended");
  });
}

/** Remembers the event; false when it was seen before. */
function isNews(event: Event, memory: Memory): boolean {
  const { executionId, sequence } = event;
  if (sequence <= (memory.cursors.get(executionId) ?? 0n)) return false;
  memory.cursors.set(executionId, sequence);
  memory.seenMs = Math.max(memory.seenMs, msOf(event.time) ?? 0);
  forgetOldest(memory);
  return true;
}

/** Executions that ended are remembered until as many others came: their last event may come again. */
function forgetOldest({ cursors }: Memory): void {
  const oldest = cursors.keys().next().value;
  if (cursors.size > 10 * caughtUpMax && oldest !== undefined) cursors.delete(oldest);
}

async function* missed(
  target: WatchTarget,
  memory: Memory,
  { orchestrator, signal }: FollowPorts,
): AsyncGenerator<Event> {
  const options = { signal, timeoutMs: callTimeoutMs };
  const { namespace, workflow, labels } = target;
  const sinceMs = memory.seenMs;
  const { executions } = await orchestrator.client.listExecutions(
    { namespace, filter: { workflow, labels: { ...labels } }, pageSize: caughtUpMax },
    options,
  );
  for (const { executionId, endTime } of executions.reverse()) {
    if ((msOf(endTime) ?? sinceMs) < sinceMs) continue;
    let afterSequence = memory.cursors.get(executionId) ?? 0n;
    for (let isMore = true; isMore; ) {
      const { events, more } = await orchestrator.client.listEvents(
        { namespace, executionId, afterSequence, pageSize: 1_000, payloads: target.payloads },
        options,
      );
      for (const event of events) {
        const isWanted = target.terminalOnly ? isTerminal(event) : true;
        if (isWanted && (msOf(event.time) ?? 0) >= sinceMs && isNews(event, memory)) yield event;
      }
      afterSequence = events.at(-1)?.sequence ?? afterSequence;
      isMore = more;
    }
  }
}
