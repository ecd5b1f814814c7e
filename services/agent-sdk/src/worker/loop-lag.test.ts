import { StepClock } from "@weft/runtime/grpc";
import { expect, it } from "vitest";
import { recordedLog } from "../testing/recorded-log.ts";
import { eventLoopMeter, watchLoopLag } from "./loop-lag.ts";

function watched() {
  const clock = new StepClock();
  const { log, lines } = recordedLog();
  const meter = {
    lagMs: 0,
    isClosed: false,
    read: () => meter.lagMs,
    close: () => {
      meter.isClosed = true;
    },
  };
  const lag = watchLoopLag(meter, { clock, log, running: () => 3 });
  const window = (lagMs: number): void => {
    meter.lagMs = lagMs;
    clock.advance(5_000);
  };
  return {
    meter,
    stop: () => lag.stop(),
    longestMs: () => lag.longestMs(),
    window,
    lines,
    told: () => lines.map(({ message }) => message),
  };
}

it("says nothing while the event loop is in time", () => {
  const { window, told } = watched();
  window(249);
  expect(told()).toEqual([]);
});

it("warns once when it is held up, and says when that is over", () => {
  const { window, lines, told } = watched();
  window(250);
  window(900);
  window(10);
  window(10);
  expect(told()).toEqual(["event loop held up", "event loop in time again"]);
  expect(lines[0]).toMatchObject({ level: "warn", fields: { longestMs: 250, windowMs: 5_000, running: 3 } });
});

it("warns again each minute while it stays so, and at once when it comes back", () => {
  const { window, told } = watched();
  for (let seconds = 5; seconds <= 65; seconds += 5) window(300);
  expect(told()).toHaveLength(2);
  window(0);
  window(300);
  expect(told().slice(2)).toEqual(["event loop in time again", "event loop held up"]);
});

it("tells the longest of the last half minute, whatever the log says", () => {
  const { window, longestMs } = watched();
  expect(longestMs()).toBe(0);
  window(120.4);
  for (let windows = 0; windows < 5; windows++) window(8);
  expect(longestMs()).toBe(120);
  window(9);
  expect(longestMs()).toBe(9);
});

it("stops with the agent", () => {
  const { window, stop, meter, told } = watched();
  stop();
  window(10_000);
  expect([told(), meter.isClosed]).toEqual([[], true]);
});

it("measures how long a computation holds up the loop", async () => {
  const meter = eventLoopMeter();
  await turns();
  const untilMs = performance.now() + 300;
  while (performance.now() < untilMs);
  await turns();
  expect(meter.read()).toBeGreaterThan(200);
  meter.close();
});

/** Until the meter's own timer must have come twice. */
async function turns(): Promise<void> {
  const fromMs = performance.now();
  while (performance.now() - fromMs < 60) await new Promise(setImmediate);
}
