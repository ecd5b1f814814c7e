import type { ConfigReader } from "./config-reader.ts";

/** Where spans go. Both may be set. */
export type TracingConfig = {
  /** The URL that batches are posted to. OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or _ENDPOINT with /v1/traces added. */
  readonly endpoint: string | undefined;
  /** A file that gets a line of OTLP JSON for each batch. WEFT_TRACES_FILE. */
  readonly file: string | undefined;
  /** Which part of the traces that begin here is recorded, 0 to 1. OTEL_TRACES_SAMPLER_ARG. */
  readonly ratio: number;
};

/** Undefined: no spans are made. Headers and certificates of the endpoint: the exporter reads OTEL_… by itself. */
export function readTracing(reader: ConfigReader): TracingConfig | undefined {
  const base = url(reader, "OTEL_EXPORTER_OTLP_ENDPOINT");
  const endpoint =
    url(reader, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? (base && `${base.replace(/\/+$/, "")}/v1/traces`);
  const file = reader.text("WEFT_TRACES_FILE");
  const ratio = readRatio(reader);
  return endpoint === undefined && file === undefined ? undefined : { endpoint, file, ratio };
}

function url(reader: ConfigReader, name: string): string | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return text;
  // It may hold a password.
  reader.note(name, "(hidden)", "an http or https URL, such as http://collector:4318");
  return undefined;
}

function readRatio(reader: ConfigReader): number {
  const name = "OTEL_TRACES_SAMPLER_ARG";
  const text = reader.text(name, "1");
  const ratio = /^\d(?:\.\d{1,12})?$/.test(text) ? Number(text) : Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  reader.note(name, JSON.stringify(text), "a ratio from 0 to 1, such as 0.1");
  return 1;
}
