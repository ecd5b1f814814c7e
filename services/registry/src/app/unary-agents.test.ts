import { describe, expect, it } from "vitest";
import { sampleRegistration } from "../core/registration-sample.ts";
import { isRejection } from "../core/rejection.ts";
import { RegistryStage } from "./registry-stage.ts";

const load = { freeSlots: 2, draining: false };

function register(stage = new RegistryStage(), incarnation = "first") {
  const refusal = reasonOf(stage.registry.register(sampleRegistration({ incarnation })));
  const beat = (more: Partial<typeof load> = {}) =>
    reasonOf(stage.registry.heartbeat("reviewer-1", incarnation, { ...load, ...more }));
  return { stage, refusal, beat };
}

function reasonOf(outcome: object): string | undefined {
  return isRejection(outcome) ? outcome.reason : undefined;
}

function stateOf({ registry }: RegistryStage): string {
  const agent = registry.get("reviewer-1");
  return "state" in agent ? agent.state : agent.reason;
}

describe("an agent that holds no stream", () => {
  it("is ready once it has registered, and as long as heartbeats come", () => {
    const { stage, beat } = register();
    for (let third = 0; third < 10; third++) {
      stage.clock.advance(3_333);
      expect(beat()).toBeUndefined();
    }
    expect(stateOf(stage)).toBe("READY");
    expect(stage.registry.get("reviewer-1")).toMatchObject({ freeSlots: 2 });
  });

  it("is gone after a lease of silence, and is told to register again", () => {
    const { stage, beat } = register();
    stage.clock.advance(10_000);
    expect(stateOf(stage)).toBe("AGENT_NOT_FOUND");
    expect(beat()).toBe("NOT_REGISTERED");
    register(stage);
    expect(beat()).toBeUndefined();
  });

  it("may register again and again", () => {
    const { stage, beat } = register();
    expect(register(stage).refusal).toBeUndefined();
    expect(beat({ draining: true })).toBeUndefined();
    expect(stateOf(stage)).toBe("DRAINING");
  });

  it("is replaced by a newer incarnation, and can't speak for it", () => {
    const { stage, beat } = register();
    register(stage, "second");
    expect(beat({ freeSlots: 0 })).toBe("INCARNATION_REPLACED");
    expect(register(stage, "first").refusal).toBe("INCARNATION_REPLACED");
    stage.registry.deregister("reviewer-1", "first");
    expect(stage.registry.get("reviewer-1")).toMatchObject({ state: "READY", freeSlots: 4 });
  });

  it("is gone at once when it deregisters, and may do so twice", () => {
    const { stage } = register();
    for (const _ of [1, 2]) stage.registry.deregister("reviewer-1", "first");
    expect(stateOf(stage)).toBe("AGENT_NOT_FOUND");
  });

  it("is refused a bad registration", () => {
    const { registry } = new RegistryStage();
    expect(reasonOf(registry.register(sampleRegistration({ slots: 0 })))).toBe("REGISTRATION_INVALID");
  });
});

describe("an agent on a stream", () => {
  it("that calls all the same is heard, and stays on its stream", () => {
    const stage = new RegistryStage();
    const agent = stage.attach();
    stage.clock.advance(9_000);
    stage.registry.heartbeat("reviewer-1", "first", load);
    stage.clock.advance(9_000);
    expect(agent.beat(load)).toBeDefined();
  });

  it("that was lost is heard again by a call", () => {
    const stage = new RegistryStage();
    stage.attach().lose();
    stage.registry.heartbeat("reviewer-1", "first", load);
    expect(stage.registry.get("reviewer-1")).toMatchObject({ state: "READY", freeSlots: 2 });
  });

  it("that registers by a call has its stream ended", () => {
    const stage = new RegistryStage();
    stage.attach();
    register(stage);
    expect(stage.endings).toEqual(["reviewer-1: SUPERSEDED"]);
  });

  it("has its stream ended when it deregisters", () => {
    const stage = new RegistryStage();
    stage.attach();
    stage.registry.deregister("reviewer-1", "first");
    expect(stage.endings).toEqual(["reviewer-1: DEREGISTERED"]);
  });
});
