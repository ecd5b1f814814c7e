import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import type { HealthProbe } from "./health-probe.ts";
import { Prober } from "./prober.ts";
import { RegistryStage } from "./registry-stage.ts";

/** Agents that answer when the test says so. */
function handProbe() {
  const asked: string[] = [];
  const open = new Map<string, (problem: string | undefined) => void>();
  const closed: string[] = [];
  const probe: HealthProbe = {
    open: (address) => ({
      check(_timeoutMs, answered) {
        asked.push(address);
        open.set(address, answered);
      },
      close: () => void closed.push(address),
    }),
  };
  const answer = (address: string, problem?: string): void => {
    const answered = open.get(address);
    open.delete(address);
    answered?.(problem);
  };
  return { probe, asked, closed, answer };
}

function start(probesInFlightMax = 10) {
  const hand = handProbe();
  const clock = new StepClock();
  const heard: string[] = [];
  const options = { probe: hand.probe, intervalMs: 5_000, timeoutMs: 2_000, probesInFlightMax };
  const prober = new Prober(clock, options, (agentId, incarnation, { at, problem }) => {
    heard.push(`${agentId}/${incarnation} at ${at}: ${problem ?? "serves"}`);
  });
  return { ...hand, clock, heard, prober };
}

describe("a prober", () => {
  it("asks an agent at once, then an interval after each answer", () => {
    const { prober, clock, asked, heard, answer } = start();
    prober.add("a", "first", "host:1");
    expect(asked).toEqual(["host:1"]);
    clock.advance(1_000);
    answer("host:1");
    clock.advance(4_999);
    expect(asked).toHaveLength(1);
    clock.advance(1);
    expect(asked).toHaveLength(2);
    answer("host:1", "it is broken");
    expect(heard).toEqual(["a/first at 1000: serves", "a/first at 6000: it is broken"]);
  });

  it("does not ask again while an answer is out", () => {
    const { prober, clock, asked } = start();
    prober.add("a", "first", "host:1");
    prober.add("a", "first", "host:1");
    clock.advance(60_000);
    expect(asked).toEqual(["host:1"]);
  });

  it("asks each agent in its own turn, with one timer for all", () => {
    const { prober, clock, asked, answer } = start();
    for (const n of [1, 2, 3]) {
      prober.add(`a${n}`, "first", `host:${n}`);
      answer(`host:${n}`);
      clock.advance(1_000);
    }
    expect(clock.armed).toBe(1);
    clock.advance(2_000);
    expect(asked.slice(3)).toEqual(["host:1"]);
    clock.advance(2_000);
    expect(asked.slice(3)).toEqual(["host:1", "host:2", "host:3"]);
  });

  it("has no more questions out than it may; the others wait their turn", () => {
    const { prober, asked, answer } = start(2);
    for (const n of [1, 2, 3, 4]) prober.add(`a${n}`, "first", `host:${n}`);
    expect(asked).toEqual(["host:1", "host:2"]);
    answer("host:2");
    expect(asked).toEqual(["host:1", "host:2", "host:3"]);
  });

  it("asks a new incarnation, or a new address, at once, and ignores the old one's answer", () => {
    const { prober, asked, closed, heard, answer } = start();
    prober.add("a", "first", "host:1");
    prober.add("a", "second", "host:2");
    expect(asked).toEqual(["host:1", "host:2"]);
    expect(closed).toEqual(["host:1"]);
    answer("host:1", "it is gone");
    answer("host:2");
    expect(heard).toEqual(["a/second at 0: serves"]);
  });

  it("asks no more of one that was dropped, and gives its place to another", () => {
    const { prober, clock, asked, closed, heard, answer } = start(1);
    prober.add("a", "first", "host:1");
    prober.add("b", "first", "host:2");
    prober.drop("a");
    answer("host:1");
    clock.advance(60_000);
    expect(asked).toEqual(["host:1", "host:2"]);
    expect([closed, heard]).toEqual([["host:1"], []]);
  });

  it("lets go of everything when it stops", () => {
    const { prober, clock, closed, answer } = start();
    prober.add("a", "first", "host:1");
    prober.add("b", "first", "host:2");
    answer("host:1");
    prober.stop();
    expect([closed.sort(), clock.armed]).toEqual([["host:1", "host:2"], 0]);
    answer("host:2");
    expect(clock.armed).toBe(0);
  });
});

describe("a registry that probes", () => {
  it("lets an agent join, serve, fail and recover, and tells readers each time", () => {
    const { probe, answer } = handProbe();
    const options = { probe, intervalMs: 1_000, timeoutMs: 500, probesInFlightMax: 10 };
    const stage = new RegistryStage({}, options);
    stage.clock.advance(10_000);
    const reader = stage.read();
    const agent = stage.attach({ address: "host:1" });
    for (const problem of [undefined, "x", "x", "x", undefined, undefined]) {
      answer("host:1", problem);
      stage.clock.advance(1_000);
      agent.beat({ freeSlots: 4, draining: false });
    }
    expect(reader.lines.slice(1)).toEqual(
      ["JOINING", "READY", "UNHEALTHY", "READY"].map((state) => `reviewer-1/first:${state}:4`),
    );
  });

  it("keeps the lease of an agent whose probes alone are answered no longer than that of others", () => {
    const { probe, answer } = handProbe();
    const stage = new RegistryStage({}, { probe, intervalMs: 1_000, timeoutMs: 500, probesInFlightMax: 10 });
    stage.attach({ address: "host:1" });
    const other = stage.attach({ agentId: "other", address: "host:2" });
    for (let second = 0; second < 10; second++) {
      answer("host:1");
      stage.clock.advance(1_000);
      other.beat({ freeSlots: 4, draining: false });
    }
    expect(stage.endings).toEqual(["reviewer-1: LEASE_ENDED"]);
  });
});
