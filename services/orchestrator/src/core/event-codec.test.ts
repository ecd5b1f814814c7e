import { describe, expect, it } from "vitest";
import type { Event, EventKind } from "./event.ts";
import { isTerminal } from "./event.ts";
import { decodeEvent, encodeEvent, schemaVersion } from "./event-codec.ts";
import type { Failure } from "./failure.ts";
import { jsonText } from "./json.ts";

const sent = { step: "a", attempt: 2, send: 3 };
const bound = { ...sent, agentId: "x", incarnation: "x#1" };
const failure: Failure = {
  code: "UNAVAILABLE",
  message: 'said "no"\n',
  retryable: false,
  retryAfterMs: 1_500.5,
  reason: "GONE",
};

/** One of each kind: a new kind does not compile until it stands here. */
const samples: { readonly [Kind in EventKind]: Extract<Event, { kind: Kind }> } = {
  "execution.started": {
    kind: "execution.started",
    namespace: "default",
    workflow: "w",
    version: 3,
    definition: { workflow: "w", steps: [] },
    labels: { team: "docs" },
    createdBy: "ada",
    payload: jsonText('{ "n": 12345678901234567890 }'),
    vars: jsonText('{"region":"eu"}'),
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "vendor=1",
  },
  "execution.cancel_requested": { kind: "execution.cancel_requested", reason: "why", requestedBy: "ada" },
  "execution.paused": { kind: "execution.paused", reason: "lunch", requestedBy: "ada" },
  "execution.resumed": { kind: "execution.resumed", requestedBy: "ada" },
  "execution.timed_out": { kind: "execution.timed_out" },
  "execution.succeeded": { kind: "execution.succeeded", payload: jsonText("null") },
  "execution.failed": { kind: "execution.failed", failure: { ...failure, stepId: "a" } },
  "execution.cancelled": { kind: "execution.cancelled", reason: "" },
  "step.queued": { kind: "step.queued", step: "a" },
  "step.started": { kind: "step.started", ...bound, payload: jsonText("[1,  2]") },
  "step.failed_over": { kind: "step.failed_over", ...bound, reason: "full", dueAtMs: 1_893_456_000_000 },
  "step.interrupted": { kind: "step.interrupted", ...bound, reason: "crash" },
  "step.attempt_failed": { kind: "step.attempt_failed", ...sent, failure },
  "step.retry_scheduled": { kind: "step.retry_scheduled", step: "a", attempt: 3, dueAtMs: 7 },
  "step.waiting": { kind: "step.waiting", ...sent },
  "step.succeeded": { kind: "step.succeeded", ...sent, payload: jsonText('"ü"') },
  "step.failed": { kind: "step.failed", step: "a", failure },
  "step.succeeded_late": { kind: "step.succeeded_late", ...sent, payload: jsonText("[]") },
  "step.skipped": { kind: "step.skipped", step: "a", cause: "upstream" },
  "step.cancelled": { kind: "step.cancelled", step: "a" },
};

describe("an event in the log", () => {
  it.each(Object.values(samples))("$kind comes back as it was", (event) => {
    const encoded = encodeEvent(event);
    expect(decodeEvent(encoded)).toStrictEqual(event);
    expect(encoded).toMatchObject({ kind: event.kind, schemaVersion: 1 });
  });

  it("keeps its payload apart, byte for byte", () => {
    const { body, payload } = encodeEvent(samples["step.started"]);
    expect(payload).toBe("[1,  2]");
    expect(JSON.parse(body)).toEqual(bound);
    expect(encodeEvent(samples["step.cancelled"]).payload).toBeNull();
  });

  it("of a newer schema is refused, of an older one read", () => {
    const encoded = encodeEvent(samples["step.queued"]);
    expect(() => decodeEvent({ ...encoded, schemaVersion: schemaVersion + 1 })).toThrow(
      "event step.queued has schema version 2; this release reads 1",
    );
    expect(decodeEvent({ ...encoded, schemaVersion: schemaVersion - 1 })).toEqual(samples["step.queued"]);
  });
});

describe("isTerminal", () => {
  it("is true of the three ends of an execution alone", () => {
    expect(Object.keys(samples).filter((kind) => isTerminal(kind as EventKind))).toEqual([
      "execution.succeeded",
      "execution.failed",
      "execution.cancelled",
    ]);
  });
});
