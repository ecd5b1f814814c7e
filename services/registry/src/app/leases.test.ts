import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import { Leases } from "./leases.ts";

function open(): { clock: StepClock; leases: Leases; ended: string[]; renew: (agentId: string) => void } {
  const clock = new StepClock();
  const ended: string[] = [];
  const leases = new Leases(clock, 10_000, (agentId, at) => ended.push(`${agentId} at ${at}`));
  return { clock, leases, ended, renew: (agentId) => leases.renew(agentId, clock.monotonic() + 10_000) };
}

describe("leases", () => {
  it("end in the order of their last renewal, each at its own time", () => {
    const { clock, ended, renew } = open();
    for (const agentId of ["a", "b", "c"]) {
      renew(agentId);
      clock.advance(1_000);
    }
    renew("a");
    clock.advance(9_999);
    expect(ended).toEqual(["b at 11000", "c at 12000"]);
    clock.advance(1);
    expect(ended.at(-1)).toBe("a at 13000");
  });

  it("share one timer, however many and however often renewed", () => {
    const { clock, renew } = open();
    for (let n = 0; n < 5_000; n++) {
      renew(`agent-${n % 1_000}`);
      clock.advance(3);
      expect(clock.armed).toBe(1);
    }
  });

  it("do not end because the process stood still: agents get half a lease to be heard", () => {
    const { clock, ended, renew } = open();
    renew("a");
    renew("b");
    clock.stall(60_000);
    expect(ended).toEqual([]);
    clock.advance(1_000);
    renew("a");
    clock.advance(3_999);
    expect(ended).toEqual([]);
    clock.advance(1);
    expect(ended).toEqual(["b at 65000"]);
    clock.advance(10_000);
    expect(ended).toEqual(["b at 65000", "a at 71000"]);
  });

  it("end though the timer is a little late", () => {
    const { clock, ended, renew } = open();
    renew("a");
    clock.stall(11_000);
    expect(ended).toEqual(["a at 11000"]);
  });

  it("do not end once dropped", () => {
    const { clock, leases, ended, renew } = open();
    renew("a");
    renew("b");
    leases.drop("a");
    clock.advance(20_000);
    expect(ended).toEqual(["b at 10000"]);
    expect(clock.armed).toBe(0);
  });

  it("do not end once stopped", () => {
    const { clock, leases, ended, renew } = open();
    renew("a");
    leases.stop();
    expect(clock.armed).toBe(0);
    clock.advance(20_000);
    expect(ended).toEqual([]);
  });
});
