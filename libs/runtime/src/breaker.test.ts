import { beforeEach, describe, expect, it } from "vitest";
import { Breaker, BreakerGround, type BreakerRules } from "./breaker.ts";
import { StepClock } from "./step-clock.ts";

const rules: BreakerRules = { failuresInARow: 5, watchesShare: true, coolDownMs: 10_000, probeMs: 3_000 };

let clock: StepClock;
let ground: BreakerGround;
let breaker: Breaker;
let changes: string[];

function breakerWith(different: Partial<BreakerRules> = {}): Breaker {
  const made = new Breaker(ground, { ...rules, ...different }, () => changes.push(made.state));
  return made;
}

beforeEach(() => {
  clock = new StepClock();
  ground = new BreakerGround(clock, () => 0);
  changes = [];
  breaker = breakerWith();
});

/** Plays calls that begin and end at once: s succeeds, f fails, n says nothing. */
function play(calls: string): string {
  for (const call of calls) {
    breaker.begin();
    breaker.record(ground.epoch, call === "s" ? "succeeded" : call === "f" ? "failed" : "neither");
  }
  return breaker.state;
}

/** Lets it open and cool down. */
function cooledDown(): void {
  play("fffff");
  clock.advance(10_000);
}

describe("a closed breaker", () => {
  it("opens at the fifth failure in a row, not before", () => {
    expect(play("ssssssssssssssssffff")).toBe("CLOSED");
    expect(play("s")).toBe("CLOSED");
    expect(play("fffff")).toBe("OPEN");
    expect(changes).toEqual(["OPEN"]);
  });

  it("opens when half of the last 20 outcomes are failures", () => {
    expect(play("ssssssssssffsffsffsff")).toBe("CLOSED");
    expect(play("sfsf")).toBe("OPEN");
    expect(breaker.snapshot()).toMatchObject({ recentOutcomes: 20, recentFailures: 10, failuresInARow: 1 });
  });

  it("does not judge by fewer than 5 outcomes", () => {
    expect(play("fsfs")).toBe("CLOSED");
    expect(play("f")).toBe("OPEN");
  });

  it("judges by failures in a row alone where it does not watch their share", () => {
    breaker = breakerWith({ watchesShare: false });
    expect(play("ffffsffffsffffs")).toBe("CLOSED");
    expect(play("fffff")).toBe("OPEN");
  });

  it("keeps the code of the last failure that counts, until it closes", () => {
    breaker.record(ground.epoch, "failed", "INTERNAL");
    breaker.record(ground.epoch, "failed", "UNAVAILABLE");
    breaker.record(ground.epoch, "neither", "CANCELLED");
    expect(breaker.snapshot().lastFailureCode).toBe("UNAVAILABLE");
    play("fff");
    breaker.record(ground.epoch, "failed", "INTERNAL");
    expect(breaker.snapshot()).toMatchObject({ state: "OPEN", lastFailureCode: undefined });
    breaker.close();
    expect(breaker.snapshot()).toMatchObject({ lastFailureCode: undefined, openedAtMs: undefined });
  });

  it("is indifferent to what says nothing", () => {
    expect(play("nffnffnnnnn")).toBe("CLOSED");
    expect(breaker.snapshot()).toMatchObject({ recentOutcomes: 4, failuresInARow: 4 });
    expect(play("f")).toBe("OPEN");
  });

  it("counts calls that took however long", () => {
    const began = ground.epoch;
    clock.advance(86_400_000);
    for (let call = 0; call < 5; call++) breaker.record(began, "failed");
    expect(breaker.state).toBe("OPEN");
  });

  it("forgets failures that 20 successes lie behind", () => {
    play("ffff");
    play("s".repeat(20));
    expect(breaker.snapshot()).toMatchObject({ state: "CLOSED", recentFailures: 0, recentOutcomes: 20 });
  });
});

describe("an open breaker", () => {
  it("lets nothing through until it has cooled down, and says when that is", () => {
    play("fffff");
    const openedAtMs = clock.now();
    expect(breaker.snapshot()).toMatchObject({ openedAtMs, nextProbeAtMs: openedAtMs + 10_000 });
    clock.advance(9_999);
    expect([breaker.state, breaker.admits]).toEqual(["OPEN", false]);
    clock.advance(1);
    expect([breaker.state, breaker.admits]).toEqual(["HALF_OPEN", true]);
    expect(changes).toEqual(["OPEN", "HALF_OPEN"]);
  });

  it("cools down for up to a tenth longer, by chance", () => {
    ground = new BreakerGround(clock, () => 0.5);
    breaker = breakerWith();
    play("fffff");
    clock.advance(10_499);
    expect(breaker.state).toBe("OPEN");
    clock.advance(1);
    expect(breaker.state).toBe("HALF_OPEN");
  });

  it("does not hear of calls that began before", () => {
    const began = ground.epoch;
    play("fffff");
    breaker.record(began, "succeeded");
    expect(breaker.state).toBe("OPEN");
    clock.advance(10_000);
    breaker.record(began, "succeeded");
    breaker.record(began, "failed");
    expect([breaker.state, breaker.admits]).toEqual(["HALF_OPEN", true]);
  });

  it("closes when it is told to, and is then as new", () => {
    play("fffff");
    breaker.close();
    expect(breaker.snapshot()).toEqual({
      state: "CLOSED",
      failuresInARow: 0,
      recentFailures: 0,
      recentOutcomes: 0,
      openedAtMs: undefined,
      nextProbeAtMs: undefined,
    });
    expect(clock.armed).toBe(0);
    expect(play("ffff")).toBe("CLOSED");
  });
});

describe("a half-open breaker", () => {
  beforeEach(cooledDown);

  it("lets one probe through, and closes when it succeeds", () => {
    breaker.begin();
    expect(breaker.admits).toBe(false);
    breaker.record(ground.epoch, "succeeded");
    expect([breaker.state, breaker.admits]).toEqual(["CLOSED", true]);
    expect(changes).toEqual(["OPEN", "HALF_OPEN", "CLOSED"]);
  });

  it("cools down anew when the probe fails", () => {
    expect(play("f")).toBe("OPEN");
    expect(breaker.snapshot().nextProbeAtMs).toBe(clock.now() + 10_000);
    clock.advance(10_000);
    expect(play("s")).toBe("CLOSED");
  });

  it("waits for another probe when the first says nothing", () => {
    expect(play("n")).toBe("HALF_OPEN");
    expect(breaker.admits).toBe(true);
  });

  it("waits for another probe when the first did not go out after all", () => {
    breaker.begin();
    breaker.giveBack();
    expect([breaker.state, breaker.admits]).toEqual(["HALF_OPEN", true]);
    expect(clock.armed).toBe(0);
  });

  it("lets another probe through when the first is not answered in time, and still hears of the first", () => {
    const first = ground.epoch;
    breaker.begin();
    clock.advance(2_999);
    expect(breaker.admits).toBe(false);
    clock.advance(1);
    expect([breaker.state, breaker.admits]).toEqual(["HALF_OPEN", true]);
    breaker.begin();
    breaker.record(first, "succeeded");
    expect(breaker.state).toBe("CLOSED");
  });

  it("closes when its probe still makes progress after the time it may take", () => {
    breaker.begin();
    clock.advance(2_999);
    breaker.progressed(ground.epoch);
    expect(breaker.state).toBe("HALF_OPEN");
    clock.advance(1);
    breaker.progressed(ground.epoch - 1);
    expect(breaker.state).toBe("HALF_OPEN");
    breaker.progressed(ground.epoch);
    expect(breaker.state).toBe("CLOSED");
  });

  it("counts nothing of the calls from before once it is closed again", () => {
    const probe = ground.epoch;
    play("s");
    for (let call = 0; call < 5; call++) breaker.record(probe, "failed");
    expect(breaker.snapshot()).toMatchObject({ state: "CLOSED", recentOutcomes: 0 });
  });
});

describe("a breaker that is shut down", () => {
  it("leaves no timer and reports nothing more", () => {
    play("fffff");
    breaker.shutdown();
    expect([clock.armed, changes]).toEqual([0, ["OPEN"]]);
  });

  it("leaves opossum's turn to the others", () => {
    const other = breakerWith();
    play("f");
    other.record(ground.epoch, "failed");
    expect(ground.turns.listenerCount("rotate")).toBe(2);
    play("s".repeat(20));
    expect(ground.turns.listenerCount("rotate")).toBe(1);
    other.shutdown();
    expect(ground.turns.listenerCount("rotate")).toBe(0);
  });
});

it("turns opossum's buckets by count", () => {
  let turns = 0;
  ground.turns.on("rotate", () => turns++);
  breaker = breakerWith({ failuresInARow: 9_999, watchesShare: false });
  play("f".repeat(2_000));
  expect(turns).toBe(2);
});
