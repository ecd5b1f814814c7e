import {
  type Context,
  context,
  createTraceState,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { StepContext } from "../context.ts";
import type { Outcome } from "./core/outcome.ts";

const tracer = trace.getTracer("@weft/agent-sdk");

/**
 * Runs a handler as part of its execution's trace: what it does is a child of the step's send. With a tracer provider
 * of the agent's own it has a span, which the agent exports; without one the send itself is its active span.
 */
export function inHandlerSpan(
  capability: string,
  step: StepContext,
  run: () => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  const parent = parentOf(step.trace);
  const span = tracer.startSpan(`weft.handler ${capability}`, { kind: SpanKind.SERVER }, parent);
  if (!span.isRecording()) return parent === ROOT_CONTEXT ? run() : context.with(parent, run);
  span.setAttributes({
    "weft.execution.id": step.executionId,
    "weft.namespace": step.namespace,
    "weft.workflow.name": step.workflow,
    "weft.step.id": step.stepId,
    "weft.attempt": step.attempt,
    "weft.dispatch.id": step.dispatchId,
    "weft.capability": capability,
  });
  const outcome = context.with(trace.setSpan(parent, span), run);
  return outcome instanceof Promise ? outcome.then((late) => ended(span, late)) : ended(span, outcome);
}

function parentOf(given: StepContext["trace"]): Context {
  // version-traceId-spanId-flags
  const [, traceId, spanId, flags] = given?.traceparent.split("-") ?? [];
  if (!given || !traceId || !spanId || !flags) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16);
  const traceState = createTraceState(given.tracestate);
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, traceState, isRemote: true });
}

function ended(span: Span, outcome: Outcome): Outcome {
  span.setAttribute("weft.outcome", outcome.status);
  if (outcome.status === "failed") {
    const { code, message } = outcome.failure;
    span.setAttribute("error.type", code);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }
  span.end();
  return outcome;
}
