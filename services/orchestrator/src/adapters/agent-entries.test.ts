import type { AgentEntry } from "@weft/proto/weft/agent/v1/agent_pb";
import { expect, it } from "vitest";
import type { SessionListener } from "../app/agents.ts";
import { helloOf, tell } from "./agent-entries.ts";

const limit = 16;

/** What an entry comes to for the app. */
function told(entry: AgentEntry["entry"]): readonly unknown[] {
  const calls: unknown[] = [];
  const record =
    (name: keyof SessionListener) =>
    (...given: readonly unknown[]) =>
      void calls.push([name, ...given]);
  const listener: SessionListener = {
    believedInFlight: () => [],
    connected: record("connected"),
    disconnected: record("disconnected"),
    silenceChanged: record("silenceChanged"),
    succeeded: record("succeeded"),
    failed: record("failed"),
    deferred: record("deferred"),
    rejected: record("rejected"),
    progressed: record("progressed"),
    loadChanged: record("loadChanged"),
    draining: record("draining"),
  };
  tell(listener, entry, limit);
  return calls;
}

function succeeded(output: string): AgentEntry["entry"] {
  const value = {
    $typeName: "weft.agent.v1.Succeeded",
    dispatchId: "e/s/1/1",
    output: Buffer.from(output),
    chunkedBytes: 0,
  } as const;
  return { case: "succeeded", value };
}

it("tells of a success whose output is JSON text", () => {
  expect(told(succeeded('{"a":1}'))).toEqual([["succeeded", "e/s/1/1", { text: '{"a":1}' }]]);
});

it("fails a step whose output is no JSON, for good", () => {
  expect(told(succeeded("{"))).toMatchObject([
    ["failed", "e/s/1/1", { reason: "OUTPUT_INVALID", retryable: false }],
  ]);
});

it("fails a step whose output is above the limit, naming both figures", () => {
  expect(told(succeeded(`"${"x".repeat(limit - 2)}"`))).toMatchObject([["succeeded", "e/s/1/1", {}]]);
  const failure = {
    code: "OUT_OF_RANGE",
    reason: "PAYLOAD_TOO_LARGE",
    message: expect.stringMatching(/^the output has 17 bytes; the limit \(payloadBytesMax\) is 16\. /),
    retryable: false,
  };
  expect(told(succeeded(`"${"x".repeat(limit - 1)}"`))).toEqual([["failed", "e/s/1/1", failure]]);
});

it("tells that a handler has answered later, and says hello as one that knows it", () => {
  expect(told({ case: "later", value: { $typeName: "weft.agent.v1.Later", dispatchId: "e/s/1/1" } })).toEqual(
    [["deferred", "e/s/1/1"]],
  );
  const [hello] = helloOf({ cluster: "c", orchestratorId: "o", shard: 0, epoch: 1n }, 16).entries;
  expect(hello?.entry.value).toMatchObject({
    features: ["later", "extend", "chunks", "credit", "ping", "offers"],
    payloadBytesMax: 16,
  });
});

it("passes over what a newer agent says", () => {
  expect(told({ case: undefined })).toEqual([]);
});
