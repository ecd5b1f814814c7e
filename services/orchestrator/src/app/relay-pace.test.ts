import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { turn } from "./hand-store.fixture.ts";
import { perSecondMin, RelayPace } from "./relay-pace.ts";

const perTurn = 15;

let clock: StepClock;
let use: number;
let pace: RelayPace;

beforeEach(() => {
  clock = new StepClock();
  use = 0;
  pace = new RelayPace(clock, () => use);
});

/** The events that go out in so many seconds of a process as busy as it is, by somebody who has ever more. */
async function relayed(seconds: number): Promise<number> {
  let events = 0;
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      events += perTurn;
      await pace.turn(perTurn);
    }
  };
  const running = run();
  for (let ms = 0; ms < seconds * 1_000; ms++) {
    await turn();
    clock.advance(1);
  }
  isOver = true;
  clock.advance(1_000);
  await running;
  return events;
}

describe("a relay", () => {
  it("that has the process to itself waits for no time", async () => {
    await pace.turn(perTurn);
    expect(clock.armed).toBe(0);
  });

  it("gets no more than the least in a process that is full, and no less", async () => {
    use = 1;
    await relayed(2);
    const events = await relayed(2);
    expect(events / 2).toBeGreaterThan(0.9 * perSecondMin);
    expect(events / 2).toBeLessThan(1.1 * perSecondMin);
  });

  it("speeds up when the process has time again", async () => {
    use = 1;
    await relayed(2);
    use = 0.5;
    await relayed(1);
    expect(await relayed(1)).toBeGreaterThan(3 * perSecondMin);
  });
});
