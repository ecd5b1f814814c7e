/** W3C Trace Context, level 2: https://www.w3.org/TR/trace-context-2/. Of a call, of an execution, or of a send. */
export type TraceContext = { readonly traceparent: string; readonly tracestate?: string };

const tracestateLengthMax = 512;
const sampledFlag = 1;
const knownFlags = 3;

/** What the headers of a call say, in the form of version 00; undefined when that is nothing that could be followed. */
export function readTraceContext(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | undefined {
  const [, version, rest = "", traceId = "", spanId = "", flags = "", more] =
    /^([0-9a-f]{2})-(([0-9a-f]{32})-([0-9a-f]{16})-)([0-9a-f]{2})(-.*)?$/.exec(traceparent ?? "") ?? [];
  if (version === undefined || version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const known = (Number.parseInt(flags, 16) & knownFlags).toString(16).padStart(2, "0");
  const parent = { traceparent: `00-${rest}${known}` };
  return tracestate && isTracestate(tracestate) ? { ...parent, tracestate } : parent;
}

function isTracestate(text: string): boolean {
  return text.length <= tracestateLengthMax && /^[\x20-\x7e]+$/.test(text);
}

export function traceIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(3, 35);
}

/** Of the span that the context names. */
export function spanIdOf({ traceparent }: TraceContext): string {
  return traceparent.slice(36, 52);
}

/** Whether whoever began the trace wants its spans. */
export function isSampled({ traceparent }: TraceContext): boolean {
  return (Number.parseInt(traceparent.slice(53), 16) & sampledFlag) === sampledFlag;
}

/** The same trace and flags, seen from another of its spans. */
export function withSpan({ traceparent, ...rest }: TraceContext, spanId: string): TraceContext {
  return { traceparent: `${traceparent.slice(0, 36)}${spanId}${traceparent.slice(52)}`, ...rest };
}
