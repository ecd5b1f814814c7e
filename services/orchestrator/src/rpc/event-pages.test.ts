import { create, toBinary } from "@bufbuild/protobuf";
import { ListEventsResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, messageBytesMax } from "@weft/runtime/grpc";
import { describe, expect, it } from "vitest";
import type { LoggedEvent } from "../app/history.ts";
import { bytesBound, pagesOf } from "./event-pages.ts";
import { eventMessage } from "./events.ts";

const mib = 1_048_576;
const { DATA, JSON: JSON_FORM, OMIT } = PayloadForm;

function succeeded(sequence: number, text: string): LoggedEvent {
  const sent = { step: "a", attempt: 1, send: 1 };
  return {
    sequence,
    position: sequence,
    timeMs: 1,
    event: { kind: "step.succeeded", ...sent, payload: { text } },
  };
}

const text = (length: number) => `"${"x".repeat(length)}"`;
const digits = (count: number) => `[${"1,".repeat(count - 1)}1]`;

function messagesOf(events: readonly LoggedEvent[], form: PayloadForm) {
  return events.map((event) => eventMessage("x", 1, event, form));
}

function pages(events: readonly LoggedEvent[], form: PayloadForm) {
  return [...pagesOf(messagesOf(events, form), bytesBound(events, form))];
}

function bytesOf(events: ReturnType<typeof messagesOf>): number {
  return toBinary(ListEventsResponseSchema, create(ListEventsResponseSchema, { events, more: true }))
    .byteLength;
}

describe("events", () => {
  it("go as one page as long as they fit, and as none is one page too", () => {
    const events = [1, 2, 3].map((sequence) => succeeded(sequence, text(5 * mib)));
    expect(pages(events, DATA)).toHaveLength(1);
    expect(pages([], DATA)).toEqual([[]]);
  });

  it("are cut into pages that fit, in order", () => {
    const events = [1, 2, 3, 4, 5, 6, 7].map((sequence) => succeeded(sequence, text(5 * mib)));
    const cut = pages(events, DATA);
    expect(cut.map((page) => page.map(({ sequence }) => Number(sequence)))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [7],
    ]);
    for (const page of cut) expect(bytesOf(page)).toBeLessThanOrEqual(messageBytesMax);
    expect(pages(events, OMIT)).toHaveLength(1);
  });

  it("are cut by what they take in the form that was asked for", () => {
    const events = [1, 2].map((sequence) => succeeded(sequence, digits(900_000)));
    expect(pages(events, DATA)).toHaveLength(1);
    const cut = pages(events, JSON_FORM);
    expect(cut).toHaveLength(2);
    for (const page of cut) expect(bytesOf(page)).toBeLessThanOrEqual(messageBytesMax);
  });

  it("end with a refusal at one that fits into no page, behind those before it", () => {
    const events = [succeeded(1, "1"), succeeded(2, text(messageBytesMax)), succeeded(3, "1")];
    const cut = pagesOf(messagesOf(events, DATA), bytesBound(events, DATA));
    expect(cut.next().value).toMatchObject([{ sequence: 1n }]);
    expect(() => cut.next()).toThrow(
      expect.objectContaining({
        code: Code.RESOURCE_EXHAUSTED,
        message: expect.stringMatching(
          /^event 2 has 167\d+ bytes .* limit of a message is 16777216: ask with/,
        ),
        details: { reason: "MESSAGE_TOO_LARGE" },
      }),
    );
  });
});

describe("the bound", () => {
  it.each([
    ["digits", digits(50_000)],
    ["empty lists", `[${"[],".repeat(9_999)}[]]`],
    ["lists within lists", "[".repeat(60) + "]".repeat(60)],
    ["members without names", `[${'{"":1},'.repeat(9_999)}{"":1}]`],
    ["text of three bytes a character", text(0).replace('""', `"${"€".repeat(50_000)}"`)],
  ])("is not below what is measured: %s", (_, payload) => {
    const events = [succeeded(1, payload)];
    for (const form of [DATA, JSON_FORM, OMIT])
      expect(bytesOf(messagesOf(events, form))).toBeLessThanOrEqual(bytesBound(events, form));
  });

  it("counts the message of a failure", () => {
    const failure = { code: "INTERNAL", message: "€".repeat(100_000) } as const;
    const event = { kind: "step.failed", step: "a", failure } as unknown as LoggedEvent["event"];
    const events = [{ sequence: 1, position: 1, timeMs: 1, event }];
    expect(bytesBound(events, OMIT)).toBeGreaterThan(bytesOf(messagesOf(events, OMIT)));
  });
});
