import { Health, HealthCheckResponse_ServingStatus } from "@weft/proto/grpc/health/v1/health_pb";
import { RejectionReason } from "@weft/proto/weft/agent/v1/agent_pb";
import { createChannel } from "@weft/runtime/grpc";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve() {
  const gate = gatedCapability();
  const agent = defineAgent({
    name: "gated",
    version: "1",
    slots: 4,
    capabilities: { wait: gate.capability },
  });
  served = await startTestAgent(agent, { drainGraceMs: 25_000 });
  await served.logged("attached to registry");
  return { gate, served, orchestrator: await served.connect() };
}

async function health(address: string): Promise<string | undefined> {
  const channel = createChannel({ address });
  const { status } = await channel.client(Health).check({});
  channel.close();
  return Object.entries(HealthCheckResponse_ServingStatus).find(([, value]) => value === status)?.[0];
}

describe("draining", () => {
  it("tells everybody, refuses new work, finishes what runs, waits for the ack, then leaves", async () => {
    const { gate, served, orchestrator } = await serve();
    const dispatchId = orchestrator.dispatch("wait", {});
    await gate.started(dispatchId);
    const drained = served.drain();
    await orchestrator.next("draining");
    expect(await served.registry.heartbeat()).toMatchObject({ draining: true });
    expect(await health(served.address)).toBe("NOT_SERVING");
    orchestrator.dispatch("wait", {});
    expect(await orchestrator.next("rejected")).toMatchObject({ reason: RejectionReason.DRAINING });

    gate.succeed(dispatchId, "done");
    await orchestrator.next("succeeded");
    await orchestrator.untaken();
    expect(served.logs.at(-1)?.message).not.toBe("stopped");
    orchestrator.acknowledge([dispatchId]);
    expect(await served.registry.left()).toBe(true);
    expect(await orchestrator.ended).toBeUndefined();
    await drained;
    expect(served.logs.at(-1)).toMatchObject({ level: "info", message: "stopped" });
  });

  it("is told to an orchestrator that connects meanwhile", async () => {
    const { gate, served, orchestrator } = await serve();
    const dispatchId = orchestrator.dispatch("wait", {});
    await gate.started(dispatchId);
    void served.drain();
    const late = await served.connect({ orchestratorId: "orchestrator-2", epoch: 2n });
    await late.next("draining");
    expect(late.inFlight.running).toEqual([dispatchId]);
    gate.succeed(dispatchId);
    await late.next("succeeded");
  });

  it("gives up what still runs when the grace is over, and lets it look interrupted, not failed", async () => {
    const { gate, served, orchestrator } = await serve();
    const dispatchId = orchestrator.dispatch("wait", {});
    const { signal } = await gate.started(dispatchId);
    const drained = served.drain();
    await orchestrator.next("draining");
    served.advance(24_999);
    expect(signal.aborted).toBe(false);
    served.advance(1);
    expect(await orchestrator.ended).toBeUndefined();
    await drained;
    expect(signal.reason).toMatchObject({ code: "UNAVAILABLE", reason: "AGENT_STOPPING" });
    expect(served.logs.at(-1)).toMatchObject({
      message: "stopped with work left",
      fields: { running: 1, unacknowledged: 0 },
    });
    gate.succeed(dispatchId);
  });

  it("says goodbye even when it is over in the same moment", async () => {
    const { served, orchestrator } = await serve();
    await served.registry.stop();
    await served.logged("registry lost");
    await Promise.all([served.drain(), orchestrator.next("draining")]);
  });

  it("of an idle agent ends at once", async () => {
    const { served } = await serve();
    await served.drain();
    expect(served.logs.at(-1)?.message).toBe("stopped");
  });
});

it("serves its health, and logs each state of its life", async () => {
  const { served, orchestrator } = await serve();
  expect(await health(served.address)).toBe("SERVING");
  orchestrator.cut();
  await served.logged("orchestrator disconnected");
  await served.drain();
  expect(served.logs.map(({ message }) => message)).toEqual([
    "serving",
    "attached to registry",
    "orchestrator connected",
    "orchestrator disconnected",
    "draining",
    "stopped",
  ]);
});
