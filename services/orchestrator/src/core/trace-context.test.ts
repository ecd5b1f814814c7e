import { describe, expect, it } from "vitest";
import { isSampled, readTraceContext, spanIdOf, traceIdOf, withSpan } from "./trace-context.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";
const sampled = `00-${traceId}-${spanId}-01`;

describe("the trace context of a call", () => {
  it("is taken as it stands", () => {
    const context = readTraceContext(sampled, "vendor=1,other=2")!;
    expect(context).toEqual({ traceparent: sampled, tracestate: "vendor=1,other=2" });
    expect([traceIdOf(context), spanIdOf(context), isSampled(context)]).toEqual([traceId, spanId, true]);
  });

  it("may say that nobody wants its spans", () => {
    expect(isSampled(readTraceContext(`00-${traceId}-${spanId}-00`, undefined)!)).toBe(false);
    expect(isSampled(readTraceContext(`00-${traceId}-${spanId}-02`, undefined)!)).toBe(false);
  });

  it("is taken from a later version as far as this one goes", () => {
    expect(readTraceContext(`cc-${traceId}-${spanId}-ff-more`, undefined)?.traceparent).toBe(
      `00-${traceId}-${spanId}-03`,
    );
  });

  it.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["the version that is forbidden", `ff-${traceId}-${spanId}-01`],
    ["more than version 00 has", `00-${traceId}-${spanId}-01-x`],
    ["a trace of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
    ["a span of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["upper case", sampled.toUpperCase()],
    ["something before it", ` ${sampled}`],
    ["a line after it", `${sampled}\n`],
  ])("is none when the header has %s", (_, traceparent) => {
    expect(readTraceContext(traceparent, "vendor=1")).toBeUndefined();
  });

  it.each([
    ["longer than 512 characters", "a=".padEnd(513, "x")],
    ["not of printable ASCII", "a=\u00fc"],
    ["empty", ""],
  ])("goes without a tracestate that is %s", (_, tracestate) => {
    expect(readTraceContext(sampled, tracestate)).toEqual({ traceparent: sampled });
  });

  it("is the same trace seen from another span", () => {
    const other = withSpan({ traceparent: sampled, tracestate: "a=1" }, "00f067aa0ba902b7");
    expect(other).toEqual({ traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: "a=1" });
  });
});
