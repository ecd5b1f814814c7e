import { Code } from "@weft/runtime/grpc";
import { afterEach, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { later } from "../later.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve() {
  const gate = gatedCapability();
  const agent = defineAgent({
    name: "gated",
    version: "1",
    slots: 1,
    capabilities: { wait: gate.capability },
  });
  served = await startTestAgent(agent);
  return { gate, served };
}

it("is told to the orchestrator, with the token to complete the step in the handler's hand", async () => {
  const { gate, served } = await serve();
  const orchestrator = await served.connect();
  expect(orchestrator.welcome.features).toContain("later");
  const dispatchId = orchestrator.dispatch("wait", {}, { dispatchId: "e/s/1/1" });
  expect((await gate.started(dispatchId)).completionToken).toBe("w1.ZS9zLzEvMQ");
  gate.succeed(dispatchId, later());
  expect(await orchestrator.next("later")).toMatchObject({ dispatchId });
});

it("frees the slot, before it is acknowledged", async () => {
  const { gate, served } = await serve();
  const orchestrator = await served.connect();
  gate.succeed(orchestrator.dispatch("wait", {}), later());
  await orchestrator.next("later");
  await gate.started(orchestrator.dispatch("wait", {}));
});

it("is kept like a result: told again to a claim and to a duplicate, until it is acknowledged", async () => {
  const { gate, served } = await serve();
  const before = await served.connect();
  const dispatchId = before.dispatch("wait", {});
  gate.succeed(dispatchId, later());
  await before.next("later");
  before.cut();

  const after = await served.connect();
  expect(after.inFlight).toMatchObject({ running: [], finished: [dispatchId] });
  expect(await after.next("later")).toMatchObject({ dispatchId });
  after.dispatch("wait", {}, { dispatchId });
  expect(await after.next("later")).toMatchObject({ dispatchId });

  after.acknowledge([dispatchId]);
  expect((await after.claim(0, 1n)).finished).toEqual([]);
});

it("fails the step at an orchestrator that does not know it, since its step would hang", async () => {
  const { gate, served } = await serve();
  const orchestrator = await served.connect({ features: [] });
  gate.succeed(orchestrator.dispatch("wait", {}), later());
  expect((await orchestrator.next("failed")).failure).toMatchObject({
    code: Code.FAILED_PRECONDITION,
    reason: "LATER_UNSUPPORTED",
    message: expect.stringContaining("orchestrator-1 can't wait for"),
  });
});
