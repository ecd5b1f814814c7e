import { fromJsonString } from "@bufbuild/protobuf";
import { ExecutionEventSchema } from "@weft/proto/weft/events/v1/events_pb";
import type { Publication } from "@weft/runtime/event-bus";
import { describe, expect, it } from "vitest";
import type { RoutedEvent } from "../app/log-feed.ts";
import { jsonOf } from "../core/json.ts";
import { publicationsOf } from "./publications.ts";

const logId = "0123456789abcdef0123456789abcdef";
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const form = publicationsOf(3, logId);

function routed(parts: Partial<RoutedEvent> = {}): RoutedEvent {
  return {
    position: 17,
    executionId: "000xyz",
    sequence: 1,
    timeMs: 1_750_000_000_000,
    kind: "execution.started",
    schemaVersion: 1,
    digest: { bytes: 2, sha256: "ab" },
    event: {
      kind: "execution.started",
      namespace: "team",
      workflow: "release",
      version: 2,
      labels: { env: "dev" },
      createdBy: "ada",
      payload: jsonOf(null),
    },
    namespace: "team",
    workflow: "release",
    version: 2,
    capability: undefined,
    timeoutMs: 90_500,
    ...parts,
  };
}

function messageOf({ event }: Publication) {
  return fromJsonString(ExecutionEventSchema, Buffer.from(event.data).toString());
}

describe("an event of the log on the bus", () => {
  it("goes where its namespace, workflow and type say, under an id that is its place", () => {
    const { channel, publicationId, event } = form.publication(routed());
    expect(channel).toBe("weft.events.team.release.execution.started");
    expect(publicationId).toBe(`${logId}/3/17`);
    expect(event).toMatchObject({
      id: "3/17",
      source: `/weft/logs/${logId}`,
      type: "execution.started",
      subject: "000xyz",
      timeMs: 1_750_000_000_000,
      extensions: {},
    });
  });

  it("holds the event with its payload as a digest, and what it does not say itself", () => {
    const message = messageOf(form.publication(routed()));
    expect(message).toMatchObject({ namespace: "team", workflow: "release", workflowVersion: 2 });
    expect(message.timeout).toMatchObject({ seconds: 90n, nanos: 500_000_000 });
    expect(message.event?.event).toMatchObject({
      case: "executionStarted",
      value: {
        labels: { env: "dev" },
        input: { content: { case: "digest", value: { bytes: 2n, sha256: "ab" } } },
      },
    });
  });

  it("carries the trace of its execution, where there is one", () => {
    const { event } = routed();
    const traced = { ...event, traceparent, tracestate: "a=1" } as NonNullable<RoutedEvent["event"]>;
    const { extensions } = form.publication(routed({ event: traced })).event;
    expect(extensions).toEqual({ traceparent, tracestate: "a=1" });
  });

  it("is told by its place alone when the bus refuses it, or when it can't be read", () => {
    for (const [publication, stub] of [
      [form.stub(routed(), "too large"), "refused"],
      [form.publication(routed({ event: undefined })), "unreadable"],
    ] as const) {
      expect(publication).toMatchObject({
        publicationId: `${logId}/3/17`,
        event: { id: "3/17", extensions: { stub } },
      });
      const message = messageOf(publication);
      expect(message).toMatchObject({ namespace: "team", workflow: "release" });
      expect(message.event).toMatchObject({
        executionId: "000xyz",
        position: 17n,
        shard: 3,
        event: { case: undefined },
      });
    }
  });

  it("has a place on the bus even when the log does not tell of what it is", () => {
    const { channel } = form.publication(routed({ event: undefined, namespace: "", workflow: "" }));
    expect(channel).toBe("weft.events._unknown._unknown.execution.started");
  });
});
