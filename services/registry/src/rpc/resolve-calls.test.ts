import { Outcome } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code, type RpcError } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRegistry, type Registry } from "../service.ts";
import { callRegistry, type RegistryCaller, registration } from "./registry-caller.fixture.ts";

const probes = { intervalMs: 0, timeoutMs: 1, failuresMax: 1, successesMin: 1 };
const capability = "code.review";

let clock: StepClock;
let registry: Registry;
let caller: RegistryCaller;

beforeEach(async () => {
  clock = new StepClock();
  registry = createRegistry({ address: "127.0.0.1:0", leaseMs: 10_000, probes }, { clock });
  caller = callRegistry(`127.0.0.1:${(await registry.start()).port}`);
  clock.advance(10_000);
});

afterEach(async () => {
  caller.close();
  await registry.stop();
});

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: RpcError) => error,
  );

describe("ResolveAgent", () => {
  it("gives an agent with a free slot, and says for how long the slot is set aside", async () => {
    const { client, attach } = caller;
    await attach(registration({ freeSlots: 1 })).next();
    expect(await client.resolveAgent({ capability })).toMatchObject({
      agent: { agentId: "reviewer-1", incarnation: "first", address: "127.0.0.1:7410" },
      hold: { seconds: 2n },
    });
    expect(await failureOf(client.resolveAgent({ capability }))).toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      details: { reason: "ALL_FULL", retryAfterMs: 500 },
    });
  });

  it("tells why there is none", async () => {
    const { client, attach } = caller;
    const noOne = { code: Code.NOT_FOUND, details: { reason: "NO_AGENT_OFFERS" } };
    expect(await failureOf(client.resolveAgent({ capability }))).toMatchObject(noOne);
    await attach().next();
    expect(await failureOf(client.resolveAgent({ capability, labels: { a: "b" } }))).toMatchObject(noOne);
    const excluding = client.resolveAgent({ capability, excludeAgentIds: ["reviewer-1"] });
    expect(await failureOf(excluding)).toMatchObject({
      code: Code.UNAVAILABLE,
      details: { reason: "NONE_READY", retryAfterMs: 500 },
    });
  });

  it("tells every mistake of a request", async () => {
    const many = Array.from({ length: 1_001 }, (_, n) => `a-${n}`);
    const labels = Object.fromEntries(many.slice(0, 33).map((key) => [key, ""]));
    const request = { capability: "code review", excludeAgentIds: many, labels };
    expect(await failureOf(caller.client.resolveAgent(request))).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: {
        violations: [{ field: "capability" }, { field: "labels" }, { field: "exclude_agent_ids" }],
      },
    });
  });
});

describe("ReportOutcome", () => {
  const report = { agentId: "reviewer-1", incarnation: "first", capability };

  it("frees what was set aside, and is counted", async () => {
    const { client, attach } = caller;
    await attach(registration({ freeSlots: 1 })).next();
    await attach(registration({ agentId: "other", freeSlots: 1 })).next();
    await client.resolveAgent({ capability, excludeAgentIds: ["other"] });
    const latency = { seconds: 1n, nanos: 0 };
    for (let call = 0; call < 5; call++)
      await client.reportOutcome({ ...report, outcome: Outcome.FAILED, latency });
    expect((await client.resolveAgent({ capability })).agent?.agentId).toBe("other");
    expect((await client.resolveAgent({ capability })).agent?.agentId).toBe("reviewer-1");
  });

  it("is taken of an agent that is gone", async () => {
    expect(await caller.client.reportOutcome({ ...report, outcome: Outcome.FAILED })).toBeDefined();
  });

  it("tells every mistake of a report", async () => {
    const { client } = caller;
    const bad = client.reportOutcome({ latency: { seconds: -1n, nanos: 0 } });
    expect((await failureOf(bad))?.details.violations?.map(({ field }) => field)).toEqual([
      "agent_id",
      "incarnation",
      "capability",
      "outcome",
      "latency",
    ]);
  });
});
