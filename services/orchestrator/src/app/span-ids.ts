import { hash } from "node:crypto";
import { isSampled, type TraceContext, withSpan } from "../core/trace-context.ts";

/** Of the span that stands for the execution (""), a step, or a send: the same in every process, now and later. */
export function spanIdAt(executionId: string, path: string): string {
  return hash("sha256", path === "" ? executionId : `${executionId}/${path}`, "hex").slice(0, 16);
}

/** A trace that begins with the execution. `ratio` of them, by their ids, are sampled. */
export function beginTrace(executionId: string, ratio: number): TraceContext {
  const traceId = hash("sha256", `trace of ${executionId}`, "hex").slice(0, 32);
  // As the W3C has it: the last 7 bytes of an id are as good as random.
  const drawn = Number.parseInt(traceId.slice(18), 16) / 2 ** 56;
  const flags = drawn < ratio ? "01" : "00";
  return { traceparent: `00-${traceId}-${spanIdAt(executionId, "")}-${flags}` };
}

/** What the agent follows that gets this send: the send's own span, or, where nobody wants spans, the trace as it came. */
export function contextOfSend(trace: TraceContext, dispatchId: string): TraceContext {
  return isSampled(trace) ? withSpan(trace, spanIdAt(dispatchId, "")) : trace;
}
