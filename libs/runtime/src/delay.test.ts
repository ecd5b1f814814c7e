import { beforeEach, expect, it } from "vitest";
import { Delay } from "./delay.ts";
import { StepClock } from "./step-clock.ts";

let clock: StepClock;
let delay: Delay;
let isOver: boolean;

beforeEach(() => {
  clock = new StepClock();
  delay = new Delay(clock);
  isOver = false;
});

async function over(): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return isOver;
}

function begin(): void {
  void delay.for(100).then(() => {
    isOver = true;
  });
}

it("lasts as long as it was asked to", async () => {
  begin();
  clock.advance(99);
  expect(await over()).toBe(false);
  clock.advance(1);
  expect(await over()).toBe(true);
});

it("ends when its owner says so, and leaves no timer", async () => {
  begin();
  delay.end();
  expect(await over()).toBe(true);
  expect(clock.armed).toBe(0);
});

it("is not ended by what was said before it began", async () => {
  delay.end();
  begin();
  expect(await over()).toBe(false);
});
