import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { AttemptTimers } from "./attempt-timers.ts";

let clock: StepClock;
let heard: string[];
let isAudible: boolean;

beforeEach(() => {
  clock = new StepClock();
  heard = [];
  isAudible = true;
});

function timers(heartbeatTimeoutMs?: number): AttemptTimers {
  return new AttemptTimers({
    clock,
    heartbeatTimeoutMs,
    isAudible: () => isAudible,
    onDeadline: (deadlineMs) => heard.push(`deadline ${deadlineMs - clock.now()}`),
    onHeartbeatMissed: () => heard.push("heartbeat missed"),
  });
}

describe("a deadline", () => {
  it("is missed once, and says which it was", () => {
    const attempt = timers();
    attempt.setDeadline(clock.now() + 1_000);
    expect(attempt.timeLeftMs).toBe(1_000);
    clock.advance(5_000);
    expect(heard).toEqual(["deadline 0"]);
  });

  it("moves, stands still and is put back in force", () => {
    const attempt = timers();
    attempt.setDeadline(clock.now() + 1_000);
    attempt.setDeadline(undefined);
    expect(attempt.timeLeftMs).toBe(0);
    clock.advance(5_000);
    expect(heard).toEqual([]);
    attempt.setDeadline(clock.now() + 500);
    clock.advance(500);
    expect(heard).toEqual(["deadline 0"]);
  });

  it("that has passed already is found missed after the grace", () => {
    const attempt = timers();
    attempt.setDeadline(clock.now() - 5_000, 300);
    expect(attempt.timeLeftMs).toBe(1);
    clock.advance(299);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(["deadline -5300"]);
  });
});

describe("a heartbeat", () => {
  it("is missed when nothing was heard for so long, with one timer all the while", () => {
    const attempt = timers(1_000);
    for (let beat = 0; beat < 10; beat++) {
      clock.advance(900);
      attempt.heard();
      expect(clock.armed).toBe(1);
    }
    clock.advance(999);
    expect(heard).toEqual([]);
    clock.advance(1);
    expect(heard).toEqual(["heartbeat missed"]);
    expect(clock.armed).toBe(0);
  });
});

it("does not hold silence against an agent that cannot be heard", () => {
  timers(1_000);
  isAudible = false;
  clock.advance(10_000);
  isAudible = true;
  clock.advance(999);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual(["heartbeat missed"]);
});

it("stops everything", () => {
  const attempt = timers(1_000);
  attempt.setDeadline(clock.now() + 1_000);
  attempt.stop();
  expect(clock.armed).toBe(0);
});
