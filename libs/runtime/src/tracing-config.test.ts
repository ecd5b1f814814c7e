import { describe, expect, it } from "vitest";
import { ConfigReader } from "./config-reader.ts";
import { readTracing } from "./tracing-config.ts";

function read(env: Readonly<Record<string, string>>) {
  const reader = new ConfigReader(env);
  const tracing = readTracing(reader);
  reader.finish();
  return tracing;
}

describe("the environment of traces", () => {
  it("has none to begin with", () => {
    expect(read({})).toBeUndefined();
    expect(read({ OTEL_TRACES_SAMPLER_ARG: "0.5" })).toBeUndefined();
  });

  it("names a collector, a file, or both", () => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" })).toEqual({
      endpoint: "http://collector:4318/v1/traces",
      file: undefined,
      ratio: 1,
    });
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces/in",
      WEFT_TRACES_FILE: "traces.jsonl",
      OTEL_TRACES_SAMPLER_ARG: "0.25",
    };
    expect(read(env)).toEqual({ endpoint: "https://traces/in", file: "traces.jsonl", ratio: 0.25 });
  });

  it.each([["1.5"], ["-1"], ["half"], ["1e-3"]])("refuses %s as a ratio", (ratio) => {
    expect(() => read({ WEFT_TRACES_FILE: "f", OTEL_TRACES_SAMPLER_ARG: ratio })).toThrow(
      `OTEL_TRACES_SAMPLER_ARG="${ratio}": expected a ratio from 0 to 1, such as 0.1`,
    );
  });

  it.each([["collector:4318"], ["ftp://u:secret@c"], ["here"]])("refuses %s, and does not show it", (url) => {
    expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: url })).toThrow(
      "OTEL_EXPORTER_OTLP_ENDPOINT=(hidden): expected an http or https URL, such as http://collector:4318",
    );
  });
});
