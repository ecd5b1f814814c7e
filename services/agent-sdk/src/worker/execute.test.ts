import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { AgentService, ExecuteRequestSchema } from "@weft/proto/weft/agent/v1/agent_pb";
import { type Channel, Code, createChannel } from "@weft/runtime/grpc";
import { afterEach, expect, it } from "vitest";
import type { StepContext } from "../context.ts";
import { defineAgent } from "../define-agent.ts";
import { StepFailure } from "../failure.ts";
import { later } from "../later.ts";
import { unchecked } from "../schema.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";

let served: TestAgent | undefined;
let channel: Channel | undefined;
afterEach(async () => {
  channel?.close();
  await served?.stop();
});

async function serve() {
  const gate = gatedCapability();
  const json = { input: unchecked<JsonValue>(), output: unchecked<JsonValue>() };
  const capabilities = {
    wait: gate.capability,
    echo: { ...json, run: (input: JsonValue) => input },
    key: { ...json, run: (_: JsonValue, { idempotencyKey }: StepContext) => idempotencyKey },
    postpone: { ...json, run: () => later() },
    fail: {
      ...json,
      run: () => {
        throw new StepFailure("UNAVAILABLE", "try later", {
          retryAfterMs: 1_500,
          reason: "BUSY",
          retryable: true,
        });
      },
    },
  };
  served = await startTestAgent(defineAgent({ name: "unary", version: "1", slots: 1, capabilities }));
  channel = createChannel({ address: served.address });
  const { execute } = channel.client(AgentService);
  const call = async (capability: string, input: JsonValue = null, more = {}, signal?: AbortSignal) => {
    const request = create(ExecuteRequestSchema, {
      dispatchId: "e/s/1/1",
      capability,
      input: fromJson(ValueSchema, input),
      ...more,
    });
    const { output } = await execute(request, signal ? { signal } : {});
    return output && toJson(ValueSchema, output);
  };
  return { gate, served, call };
}

it("runs one step and answers with its output", async () => {
  const { call } = await serve();
  const input = { text: "ä", list: [1, 2.5, null, true], deep: { empty: {} } };
  expect(await call("echo", input)).toEqual(input);
});

it("fails with the step's code, message, reason and retry-after", async () => {
  const { call } = await serve();
  await expect(call("fail")).rejects.toMatchObject({
    code: Code.UNAVAILABLE,
    message: "try later",
    details: { reason: "BUSY", retryAfterMs: 1_500, metadata: { retryable: "true" } },
  });
});

it("can't be answered later", async () => {
  const { call } = await serve();
  await expect(call("postpone")).rejects.toMatchObject({
    code: Code.FAILED_PRECONDITION,
    message: expect.stringContaining('the handler answered "later"'),
    details: { reason: "LATER_UNSUPPORTED" },
  });
});

it("hands the given idempotency key to the handler, or derives it", async () => {
  const { call } = await serve();
  expect(await call("key", null, { idempotencyKey: "mine" })).toBe("mine");
  expect(await call("key")).toBe("e/s");
});

it("takes from the same slots as sessions, and refuses when they are full", async () => {
  const { call, served, gate } = await serve();
  const orchestrator = await served.connect();
  const dispatchId = orchestrator.dispatch("wait", {});
  await orchestrator.next("accepted");
  await expect(call("echo")).rejects.toMatchObject({
    code: Code.RESOURCE_EXHAUSTED,
    details: { reason: "FULL" },
  });
  gate.succeed(dispatchId);
  await orchestrator.next("succeeded");
  expect(await call("echo", 1)).toBe(1);
});

it("aborts the handler when its caller goes", async () => {
  const { call, gate } = await serve();
  const caller = new AbortController();
  const calling = expect(call("wait", null, {}, caller.signal)).rejects.toMatchObject({
    code: Code.CANCELLED,
  });
  const { signal } = await gate.started("e/s/1/1");
  const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
  caller.abort();
  await aborted;
  await calling;
  gate.succeed("e/s/1/1");
});

it("refuses what it can't run", async () => {
  const { call } = await serve();
  await expect(call("none")).rejects.toMatchObject({ code: Code.UNIMPLEMENTED });
  await expect(call("echo", 1, { dispatchId: "" })).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
});
