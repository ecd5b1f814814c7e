import { describe, expect, it } from "vitest";
import { StepClock } from "./step-clock.ts";

describe("the step clock", () => {
  it("runs timers in order of their due time, and each at its own time", () => {
    const clock = new StepClock();
    const seen: string[] = [];
    clock.after(30, () => seen.push(`third at ${clock.monotonic()}`));
    clock.after(10, () => seen.push(`first at ${clock.monotonic()}`));
    clock.after(10, () => seen.push(`second at ${clock.monotonic()}`));
    clock.advance(29);
    expect(seen).toEqual(["first at 10", "second at 10"]);
    clock.advance(1);
    expect(seen.at(-1)).toBe("third at 30");
  });

  it("runs a timer that another armed, if it falls due in the same step", () => {
    const clock = new StepClock();
    const seen: number[] = [];
    const tick = (): void => {
      seen.push(clock.monotonic());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    clock.advance(35);
    expect(seen).toEqual([10, 20, 30]);
    expect(clock.armed).toBe(1);
  });

  it("does not run what was cancelled", () => {
    const clock = new StepClock();
    const cancel = clock.after(10, () => expect.unreachable());
    cancel();
    clock.advance(100);
    cancel();
    expect(clock.armed).toBe(0);
  });

  it("moves both kinds of time by as much as it is told", () => {
    const clock = new StepClock(1_000);
    clock.advance(250);
    expect([clock.now(), clock.monotonic()]).toEqual([1_250, 250]);
  });

  it("runs late, and at the time it is then, what fell due while it was stalled", () => {
    const clock = new StepClock();
    const ran: string[] = [];
    clock.after(10, () => {
      ran.push(`a at ${clock.monotonic()}`);
      clock.after(5, () => ran.push(`b at ${clock.monotonic()}`));
    });
    clock.stall(100);
    expect(ran).toEqual(["a at 100"]);
    clock.advance(5);
    expect(ran).toEqual(["a at 100", "b at 105"]);
  });
});
