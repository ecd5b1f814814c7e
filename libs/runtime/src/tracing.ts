/** The one file that knows OpenTelemetry's exporters: some 150 ms and 20 MB, so import it only when spans are wanted. */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { createTraceState, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { Clock } from "./clock.ts";
import type { FinishedSpan, SpanFields, SpanSink } from "./finished-span.ts";
import type { Logger } from "./logger.ts";
import { SpanQueue } from "./span-queue.ts";
import type { TracingConfig } from "./tracing-config.ts";

export type TracingOptions = {
  /** What the spans are of: `service.name` and whatever else tells one process from another. */
  readonly resource: SpanFields;
  /** Who made them. */
  readonly scope: { readonly name: string };
  readonly clock: Clock;
  readonly logger: Logger;
  /** Spans that were lost on their way to a collector or a file. */
  readonly onDropped?: (target: string, spans: number) => void;
};

type Target = {
  readonly name: string;
  readonly deliver: (spans: ReadableSpan[]) => Promise<void>;
  readonly close: () => Promise<void>;
};

const postMsMax = 5_000;
const fileBytesMax = 1024 ** 3;

/** Rejects when the file cannot be opened. */
export async function openSpanSink(config: TracingConfig, options: TracingOptions): Promise<SpanSink> {
  const { endpoint, file } = config;
  const targets = [
    ...(endpoint === undefined ? [] : [collector(endpoint)]),
    ...(file === undefined ? [] : [await fileTarget(file)]),
  ];
  const resource = resourceFromAttributes({ ...options.resource });
  const { clock, logger, scope, onDropped } = options;
  // Each at its own pace: a collector that hangs does not hold the file up.
  const queues = targets.map(
    ({ name: target, deliver, close }) =>
      new SpanQueue({
        clock,
        logger,
        target,
        onDropped: (spans) => onDropped?.(target, spans),
        deliver: (spans) => deliver(spans.map((span) => readableSpan(span, resource, scope))),
        close,
      }),
  );
  return {
    emit(span) {
      for (const queue of queues) queue.emit(span);
    },
    stop: async (graceMs) => void (await Promise.all(queues.map((queue) => queue.stop(graceMs)))),
  };
}

/** OTLP over HTTP. Tries again for a while what the collector may yet take. */
function collector(url: string): Target {
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: postMsMax });
  // The rest of a URL may hold a password.
  const name = new URL(url).host;
  return {
    name,
    deliver: (spans) =>
      new Promise((resolve, reject) => {
        exporter.export(spans, ({ code, error }) => {
          if (code === 0) resolve();
          else reject(error ?? new Error(`${name} does not take them`));
        });
      }),
    close: () => exporter.shutdown(),
  };
}

async function fileTarget(path: string): Promise<Target> {
  const file = await openFile(path);
  let { size } = await file.stat();
  return {
    name: path,
    async deliver(spans) {
      const line = JsonTraceSerializer.serializeRequest(spans);
      if (!line) return;
      if (size + line.byteLength > fileBytesMax)
        throw new Error(`${path} has ${size} bytes, and gets no more`);
      size += line.byteLength + 1;
      await file.appendFile(Buffer.concat([line, Buffer.from("\n")]));
    },
    close: () => file.close(),
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return await open(path, "a");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the file of traces ${path} can't be opened: ${why}`);
  }
}

const kinds = { server: SpanKind.SERVER, internal: SpanKind.INTERNAL, client: SpanKind.CLIENT } as const;

function readableSpan(span: FinishedSpan, resource: Resource, scope: TracingOptions["scope"]): ReadableSpan {
  const { traceId, spanId, parentSpanId, name, kind, startMs, endMs, failure } = span;
  const traceState = span.tracestate === undefined ? {} : { traceState: createTraceState(span.tracestate) };
  const context = (id: string) => ({ traceId, spanId: id, traceFlags: TraceFlags.SAMPLED, ...traceState });
  return {
    name,
    kind: kinds[kind],
    spanContext: () => context(spanId),
    ...(parentSpanId === undefined ? {} : { parentSpanContext: context(parentSpanId) }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - startMs),
    status:
      failure === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: failure },
    attributes: { ...span.attributes },
    links: span.links.map((link) => ({ context: context(link.spanId), attributes: { ...link.attributes } })),
    events: span.events.map((event) => ({
      name: event.name,
      time: hrTime(event.timeMs),
      attributes: { ...event.attributes },
    })),
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(ms: number): HrTime {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1_000_000)];
}
