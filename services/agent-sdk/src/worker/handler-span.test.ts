import { context, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { recordedLog } from "../testing/recorded-log.ts";
import { failed, succeeded } from "./core/outcome.ts";
import { inHandlerSpan } from "./handler-span.ts";
import { stepContext } from "./step-context.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const sent = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: "vendor=1" };
const unwanted = { traceparent: `00-${traceId}-${spanId}-00` };
const done = succeeded(Buffer.from("1"));

function stepOf(headers: { traceparent?: string; tracestate?: string }) {
  const dispatch = {
    dispatchId: "e/s/2/3",
    shard: 0,
    epoch: 1n,
    capability: "test.it",
    namespace: "n",
    workflow: "w",
    input: Buffer.from("1"),
    timeLeftMs: 0n,
    ...headers,
  };
  return stepContext(dispatch, {
    signal: new AbortController().signal,
    log: recordedLog().log,
    now: () => 0,
    deadlineMs: () => Number.POSITIVE_INFINITY,
    progress() {},
  });
}

const exporter = new InMemorySpanExporter();

/** As the agent's team sets OpenTelemetry up: once in a process. */
function setProvider(): void {
  const spanProcessors = [new SimpleSpanProcessor({ exporter })];
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }));
}

function withContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

afterEach(() => {
  exporter.reset();
  context.disable();
});

describe("a handler, in an agent without OpenTelemetry", () => {
  it("runs as it is, and knows the trace", () => {
    const step = stepOf(sent);
    expect(inHandlerSpan("test.it", step, () => done)).toBe(done);
    expect(step.trace).toEqual(sent);
    expect(stepOf({ traceparent: "", tracestate: "" }).trace).toBeUndefined();
  });

  it("has the send as its active span where contexts are kept, so that calls pass the trace on", async () => {
    withContext();
    let active: Span | undefined;
    await inHandlerSpan("test.it", stepOf(sent), async () => {
      await Promise.resolve();
      active = trace.getActiveSpan();
      return done;
    });
    expect(active?.spanContext()).toMatchObject({ traceId, spanId, traceFlags: 1, isRemote: true });
    expect(active?.spanContext().traceState?.serialize()).toBe("vendor=1");
  });
});

describe("a handler, in an agent whose team exports spans", () => {
  beforeAll(setProvider);

  it("has a span of its own under the send, and its spans are children of it", async () => {
    withContext();
    const outcome = await inHandlerSpan("test.it", stepOf(sent), async () => {
      await Promise.resolve();
      trace.getTracer("team").startSpan("own").end();
      return done;
    });
    expect(outcome).toBe(done);
    const [own, handler] = exporter.getFinishedSpans();
    expect(handler).toMatchObject({ name: "weft.handler test.it", parentSpanContext: { traceId, spanId } });
    expect(handler!.attributes).toEqual({
      "weft.execution.id": "e",
      "weft.namespace": "n",
      "weft.workflow.name": "w",
      "weft.step.id": "s",
      "weft.attempt": 2,
      "weft.dispatch.id": "e/s/2/3",
      "weft.capability": "test.it",
      "weft.outcome": "succeeded",
    });
    expect(own!.parentSpanContext?.spanId).toBe(handler!.spanContext().spanId);
    expect(own!.spanContext().traceId).toBe(traceId);
  });

  it("has failed there when it fails", () => {
    const outcome = failed({ code: "NOT_FOUND", message: "no such page" });
    expect(inHandlerSpan("test.it", stepOf(sent), () => outcome)).toBe(outcome);
    const [handler] = exporter.getFinishedSpans();
    expect(handler).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: "no such page" },
      attributes: { "weft.outcome": "failed", "error.type": "NOT_FOUND" },
    });
  });

  it("has none when the backend does not want it, and begins a trace when there is none", () => {
    expect(inHandlerSpan("test.it", stepOf(unwanted), () => done)).toBe(done);
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(inHandlerSpan("test.it", stepOf({}), () => done)).toBe(done);
    expect(exporter.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined();
  });
});
