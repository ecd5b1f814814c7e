import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import { SteadyTime } from "./steady-time.ts";

/** A step clock whose wall clock somebody sets. */
class SetClock extends StepClock {
  aheadMs = 0;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

describe("steady time", () => {
  it("is that of the clock", () => {
    const clock = new SetClock();
    const time = new SteadyTime(clock);
    clock.advance(5_000);
    expect(time.now()).toBe(clock.now());
    expect(time.jumpedByMs()).toBe(0);
  });

  it.each([3_600_000, -3_600_000])(
    "does not jump with a clock that is set by %i ms, and follows it slowly",
    (jumpMs) => {
      const clock = new SetClock();
      const time = new SteadyTime(clock);
      const before = time.now();
      clock.aheadMs = jumpMs;
      expect(time.now()).toBe(before);
      expect(time.jumpedByMs()).toBe(jumpMs);
      clock.advance(60_000);
      expect(time.now()).toBe(before + 60_000 + Math.sign(jumpMs) * 1_200);
      for (let hour = 0; hour < 60; hour++) {
        clock.advance(3_600_000);
        time.now();
      }
      expect(time.now()).toBe(clock.now());
      expect(time.jumpedByMs()).toBe(0);
    },
  );
});
