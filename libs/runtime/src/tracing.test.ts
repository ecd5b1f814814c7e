import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "./clock.ts";
import type { FinishedSpan } from "./finished-span.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { openSpanSink } from "./tracing.ts";

const options = {
  resource: { "service.name": "weft-test", "service.instance.id": "one" },
  scope: { name: "weft.test" },
  clock: systemClock,
  logger: silentLogger,
};

const span: FinishedSpan = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentSpanId: "00f067aa0ba902b7",
  tracestate: "vendor=1",
  name: "weft.step a",
  kind: "client",
  startMs: 1_700_000_000_001,
  endMs: 1_700_000_000_250,
  attributes: { "weft.step.id": "a", "weft.attempt": 2, "weft.held": true },
  events: [{ name: "queued", timeMs: 1_700_000_000_100, attributes: {} }],
  links: [{ spanId: "1111111111111111", attributes: { "weft.link": "retry" } }],
  failure: "UNAVAILABLE: gone",
};

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-traces-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "in", "traces.jsonl");
}

/** Takes what is posted, or refuses it with a status. */
async function collector(status = 200) {
  const posts: { readonly url: string | undefined; readonly body: unknown }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      posts.push({ url: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { posts, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces` };
}

describe("spans", () => {
  it("go to a file as lines of OTLP JSON, one for each batch", async () => {
    const file = temporaryFile();
    for (const name of ["first", "second"]) {
      const sink = await openSpanSink({ endpoint: undefined, file, ratio: 1 }, options);
      sink.emit({ ...span, name });
      await sink.stop(5_000);
    }
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    const { resourceSpans } = JSON.parse(lines[0]!) as { resourceSpans: unknown[] };
    expect(resourceSpans).toMatchObject([
      {
        resource: {
          attributes: [
            { key: "service.name", value: { stringValue: "weft-test" } },
            { key: "service.instance.id", value: { stringValue: "one" } },
          ],
        },
        scopeSpans: [
          {
            scope: { name: "weft.test" },
            spans: [
              {
                traceId: span.traceId,
                spanId: span.spanId,
                parentSpanId: span.parentSpanId,
                traceState: "vendor=1",
                name: "first",
                kind: 3,
                startTimeUnixNano: "1700000000001000000",
                endTimeUnixNano: "1700000000250000000",
                attributes: [
                  { key: "weft.step.id", value: { stringValue: "a" } },
                  { key: "weft.attempt", value: { intValue: 2 } },
                  { key: "weft.held", value: { boolValue: true } },
                ],
                events: [{ name: "queued", timeUnixNano: "1700000000100000000" }],
                links: [{ traceId: span.traceId, spanId: "1111111111111111" }],
                status: { code: 2, message: "UNAVAILABLE: gone" },
              },
            ],
          },
        ],
      },
    ]);
  });

  it("go to a collector", async () => {
    const { posts, endpoint } = await collector();
    const sink = await openSpanSink({ endpoint, file: undefined, ratio: 1 }, options);
    sink.emit(span);
    await sink.stop(5_000);
    expect(posts).toMatchObject([
      {
        url: "/v1/traces",
        body: { resourceSpans: [{ scopeSpans: [{ spans: [{ spanId: span.spanId }] }] }] },
      },
    ]);
  });

  it("reach the file when the collector refuses them, and the log hears why", async () => {
    const { endpoint } = await collector(400);
    const file = temporaryFile();
    const lines: unknown[] = [];
    const warn: Logger["warn"] = (fields, message) => lines.push({ message, ...fields });
    const logger = { ...silentLogger, warn };
    const sink = await openSpanSink({ endpoint, file, ratio: 1 }, { ...options, logger });
    sink.emit(span);
    await sink.stop(5_000);
    expect(readFileSync(file, "utf8")).toContain(span.spanId);
    expect(lines).toMatchObject([
      { message: "spans are dropped", target: new URL(endpoint).host, dropped: 1, reason: "Bad Request" },
    ]);
  });

  it("have to have a file that can be written", async () => {
    const file = join(import.meta.filename, "traces.jsonl");
    await expect(openSpanSink({ endpoint: undefined, file, ratio: 1 }, options)).rejects.toThrow(
      `the file of traces ${file} can't be opened: EEXIST`,
    );
  });
});
