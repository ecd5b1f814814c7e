import type { Registration } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code, StepClock } from "@weft/runtime/grpc";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { gatedCapability, startTestAgent, startTestRegistry, type TestAgent } from "../testing/index.ts";
import { recordedLog } from "../testing/recorded-log.ts";
import { Attachment } from "./attachment.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const registrationOf = (freeSlots: number): Registration => ({
  $typeName: "weft.registry.v1.Registration",
  agentId: "a",
  incarnation: "i",
  name: "a",
  version: "1",
  address: "127.0.0.1:1",
  capabilities: [],
  slots: 4,
  freeSlots,
  region: "",
  zone: "",
  labels: {},
});

async function startRegistry(options: Parameters<typeof startTestRegistry>[0] = {}) {
  const registry = await startTestRegistry(options);
  stops.push(registry.stop);
  return registry;
}

/** An attachment alone, to whatever `target` says at the time. */
function attach(target: { registry: string; token?: string }) {
  const clock = new StepClock();
  const { log, lines, logged } = recordedLog();
  let free = 4;
  const attachment = new Attachment({
    clock,
    log,
    random: () => 1,
    locate: () => ({ registry: target.registry, token: target.token }),
    registration: () => registrationOf(free),
    load: () => ({ freeSlots: free, loopLagMs: 300 }),
    onDrainAsked: () => log.info("asked to drain"),
  });
  stops.push(() => attachment.close());
  const setFree = (slots: number): void => {
    free = slots;
    attachment.loadChanged();
  };
  return { attachment, clock, lines, logged, setFree };
}

describe("an attached agent", () => {
  it("renews its lease each third of it", async () => {
    const registry = await startRegistry({ leaseMs: 9_000 });
    const { clock, logged } = attach({ registry: registry.address });
    await logged("attached to registry");
    for (let beat = 0; beat < 2; beat++) {
      clock.advance(3_000);
      const eventLoopLag = { seconds: 0n, nanos: 300_000_000 };
      expect(await registry.heartbeat()).toMatchObject({ freeSlots: 4, draining: false, eventLoopLag });
    }
  });

  it("tells of a change of its free slots, and of no change nothing", async () => {
    const registry = await startRegistry();
    const { setFree, clock, logged } = attach({ registry: registry.address });
    await logged("attached to registry");
    setFree(4);
    setFree(3);
    expect(await registry.heartbeat()).toMatchObject({ freeSlots: 3 });
    clock.advance(3_000);
    expect(await registry.heartbeat()).toMatchObject({ freeSlots: 3 });
  });

  it("tells the registry when it drains", async () => {
    const registry = await startRegistry();
    const { attachment, logged } = attach({ registry: registry.address });
    await logged("attached to registry");
    attachment.drain();
    expect(await registry.heartbeat()).toMatchObject({ draining: true });
  });

  it("hears of an operator's drain once, and tells every registry of it from then on", async () => {
    const registry = await startRegistry({ leaseMs: 9_000 });
    const { clock, logged } = attach({ registry: registry.address });
    await logged("attached to registry");
    registry.drain();
    await logged("asked to drain");
    expect(await registry.heartbeat()).toMatchObject({ draining: true });
    registry.drain();
    clock.advance(3_000);
    expect(await registry.heartbeat()).toMatchObject({ draining: true });
    registry.cut();
    await logged("registry lost");
    clock.advance(100);
    expect(await registry.heartbeat()).toMatchObject({ draining: true });
  });

  it("leaves by ending its stream well", async () => {
    const registry = await startRegistry();
    const { attachment, logged } = attach({ registry: registry.address });
    await logged("attached to registry");
    await attachment.close();
    expect(await registry.left()).toBe(true);
  });
});

describe("a lost registry", () => {
  it("is attached to again, with the same incarnation and the slots that are free now", async () => {
    const registry = await startRegistry();
    const { clock, logged, setFree } = attach({ registry: registry.address });
    const { incarnation } = await registry.registration();
    await logged("attached to registry");
    registry.cut();
    expect((await logged("registry lost")).fields).toMatchObject({ retryInMs: 100 });
    setFree(1);
    clock.advance(100);
    expect(await registry.registration()).toMatchObject({ incarnation, freeSlots: 1 });
    await logged("attached to registry");
    registry.cut();
    expect((await logged("registry lost")).fields).toMatchObject({ retryInMs: 100 });
  });

  it("is tried for ever, ever more slowly, with one warning for all of it", async () => {
    const registry = await startTestRegistry();
    await registry.stop();
    const { clock, lines, logged } = attach({ registry: registry.address });
    expect((await logged("registry not reached")).level).toBe("warn");
    for (let attempt = 1; attempt < 8; attempt++) {
      clock.advance(5_000);
      const { level, fields } = await logged("registry not reached");
      expect(level).toBe("debug");
      expect(fields).toMatchObject({ retryInMs: Math.min(5_000, 100 * 2 ** attempt) });
    }
    expect(lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  });

  it("is looked up anew: it may have moved", async () => {
    const old = await startRegistry();
    const target = { registry: old.address };
    const { clock, logged } = attach(target);
    await logged("attached to registry");
    const moved = await startRegistry();
    target.registry = moved.address;
    old.cut();
    await logged("registry lost");
    clock.advance(100);
    expect((await logged("attached to registry")).fields).toMatchObject({ registry: moved.address });
  });

  it("is one that says nothing for a lease", async () => {
    const registry = await startRegistry({ leaseMs: 9_000 });
    const { clock, logged } = attach({ registry: registry.address });
    await registry.registration();
    await logged("attached to registry");
    registry.freeze();
    clock.advance(9_000);
    expect((await logged("registry lost")).fields).toMatchObject({ problem: "the registry does not answer" });
    expect(await registry.left()).toBe(false);
    clock.advance(100);
    await registry.registration();
  });

  it("is one that does not answer the registration", async () => {
    const registry = await startRegistry();
    registry.freeze();
    const { clock, logged } = attach({ registry: registry.address });
    await registry.registration();
    clock.advance(10_000);
    expect((await logged("registry not reached")).fields).toMatchObject({
      problem: "the registry does not answer",
    });
  });

  it("that refuses the token is tried again, and the problem named", async () => {
    const registry = await startRegistry({ token: "right" });
    const target = { registry: registry.address, token: "wrong" };
    const { clock, logged } = attach(target);
    expect((await logged("registry not reached")).fields).toMatchObject({
      problem: "a valid bearer token is required",
    });
    target.token = "right";
    clock.advance(100);
    await logged("attached to registry");
  });

  it("that prefers another agent with this id is left alone for seconds", async () => {
    const registry = await startRegistry();
    const { logged } = attach({ registry: registry.address });
    await logged("attached to registry");
    registry.cut(Code.ABORTED);
    expect((await logged("registry lost")).fields).toMatchObject({ retryInMs: 5_000 });
  });
});

describe("a served agent", () => {
  let served: TestAgent | undefined;
  afterEach(() => served?.stop());

  it("registers what it is, and gathers changes of its slots over 20 ms", async () => {
    const gate = gatedCapability();
    const agent = defineAgent({
      name: "reviewer",
      version: "1.4.0",
      slots: 8,
      capabilities: {
        "code.review": { ...gate.capability, maxConcurrency: 2, version: "3" },
        lint: gate.capability,
      },
      labels: { team: "tools" },
      zone: "eu-1a",
      region: "eu-1",
    });
    served = await startTestAgent(agent);
    const { address } = served;
    expect(await served.registry.registration()).toMatchObject({
      agentId: "reviewer-test",
      name: "reviewer",
      version: "1.4.0",
      address,
      capabilities: [
        { name: "code.review", version: "3", maxConcurrency: 2 },
        { name: "lint", version: "1.4.0", maxConcurrency: 0 },
      ],
      slots: 8,
      freeSlots: 8,
      labels: { team: "tools" },
      zone: "eu-1a",
      region: "eu-1",
    });
    await served.logged("attached to registry");
    const orchestrator = await served.connect();
    await gate.started(orchestrator.dispatch("lint", {}));
    served.advance(10);
    await gate.started(orchestrator.dispatch("lint", {}));
    served.advance(10);
    expect(await served.registry.heartbeat()).toMatchObject({
      freeSlots: 6,
      eventLoopLag: expect.anything(),
    });
  });

  it("that an operator drains finishes what runs, refuses the rest, and goes on until it is stopped", async () => {
    const gate = gatedCapability();
    const agent = defineAgent({ name: "a", version: "1", slots: 2, capabilities: { wait: gate.capability } });
    served = await startTestAgent(agent);
    await served.logged("attached to registry");
    const orchestrator = await served.connect();
    const running = orchestrator.dispatch("wait", {});
    await gate.started(running);
    served.registry.drain();
    await orchestrator.next("draining");
    orchestrator.dispatch("wait", {});
    await orchestrator.next("rejected");
    gate.succeed(running, { done: true });
    expect(await orchestrator.next("succeeded")).toMatchObject({ dispatchId: running });
  });
});
