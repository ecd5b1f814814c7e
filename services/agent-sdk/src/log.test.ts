import { expect, it } from "vitest";
import { createLog, type LogLevel, withFields } from "./log.ts";

function written(readable: boolean, level: LogLevel = "info") {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line), readable, now: () => Date.UTC(2030, 0, 1) };
  return { lines, log: createLog(sink, level, { agent: "a" }) };
}

it("writes JSON lines with the base, the message and the fields", () => {
  const { log, lines } = written(false);
  log.info("attached", { leaseMs: 9_000 });
  expect(lines).toEqual([
    '{"level":"info","time":"2030-01-01T00:00:00.000Z","agent":"a","message":"attached","leaseMs":9000}\n',
  ]);
});

it("writes readable lines for a terminal", () => {
  const { log, lines } = written(true);
  log.info("serving", { address: "127.0.0.1:1", capabilities: ["a", "b"] });
  log.warn("registry lost");
  expect(lines).toEqual([
    '00:00:00 serving address=127.0.0.1:1 capabilities=["a","b"]\n',
    "00:00:00 warn registry lost\n",
  ]);
});

it("leaves out what is below its level", () => {
  const { log, lines } = written(true, "warn");
  log.debug("no");
  log.info("no");
  log.error("yes");
  expect(lines).toEqual(["00:00:00 error yes\n"]);
});

it("keeps each line on one line, whatever it is given", () => {
  const { log, lines } = written(false);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  log.info("a\nb", { error: new Error("c\nd"), big: 10n });
  log.info("circle", { circle });
  expect(lines.map((line) => line.trimEnd().includes("\n"))).toEqual([false, false]);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ error: expect.stringContaining("Error: c"), big: "10" });
});

it("says to a person in one id what its step is", () => {
  const { log, lines } = written(true);
  const step = { executionId: "e", stepId: "s", namespace: "default", traceId: "1".repeat(32) };
  withFields(log, { dispatchId: "e/s/1/1", ...step }).info("read", { bytes: 3 });
  log.info("claimed", { executionId: "e" });
  expect(lines).toEqual(["00:00:00 read dispatchId=e/s/1/1 bytes=3\n", "00:00:00 claimed executionId=e\n"]);
});

it("writes no secret", () => {
  const { log, lines } = written(false);
  log.info("called with Bearer sesame", { token: "sesame", tokens: 512 });
  expect(JSON.parse(lines[0]!)).toMatchObject({
    message: "called with Bearer [redacted]",
    token: "[redacted]",
    tokens: 512,
  });
});

it("adds fields to each line of a derived log", () => {
  const { log, lines } = written(true);
  withFields(log, { dispatchId: "e/s/1/1" }).info("read", { bytes: 3 });
  expect(lines).toEqual(["00:00:00 read dispatchId=e/s/1/1 bytes=3\n"]);
});
