import { describe, expect, it } from "vitest";
import type { Effect } from "./effect.ts";
import { missedOffersMax, offerMs, passedOverMs } from "./offers.ts";
import { claimedWorker, dispatchOf } from "./worker.fixture.ts";
import { freeSlots } from "./worker-state.ts";

/** Two orchestrators with a shard each, and both slots taken by the first one's work. */
function sharedWorker() {
  const given = claimedWorker();
  given.open(2, "o2");
  given.claim(2, 1n, 1);
  given.dispatch(1, "a");
  given.dispatch(1, "b");
  given.when({ kind: "load.due" });
  const ofTwo = (dispatchId: string, capability = "work") =>
    given.dispatch(2, dispatchId, { shard: 1, capability });
  return { ...given, ofTwo };
}

/** Who is told how many slots the others have, and what else happens, in order. */
function told(effects: readonly Effect[]): readonly string[] {
  return effects.map((effect) => {
    if (effect.kind === "load") return `${effect.session}: ${effect.busyElsewhere} elsewhere`;
    return effect.kind === "rejected" ? `${effect.session}: ${effect.reason}` : effect.kind;
  });
}

describe("a slot that becomes free", () => {
  it("is nobody's while nobody waits: its orchestrator has it with the result", () => {
    const { finish, dispatch } = sharedWorker();
    expect(told(finish("a"))).toEqual(["result"]);
    expect(told(dispatch(1, "c"))).toEqual(["accepted", "run"]);
  });

  it("goes to who has waited longest, and whose it was hears so before the result", () => {
    const { finish, dispatch, ofTwo, wait } = sharedWorker();
    wait(1, 10);
    wait(2, 20);
    expect(told(finish("a"))).toEqual(["1: 1 elsewhere", "2: 1 elsewhere", "result"]);
    expect(told(dispatch(1, "c"))).toEqual(["1: FULL"]);
    expect(told(ofTwo("d"))).toEqual(["accepted", "run"]);
  });

  it("stays with its orchestrator where that has waited longer, and nobody need be told", () => {
    const { finish, dispatch, ofTwo, wait } = sharedWorker();
    wait(1, 20);
    wait(2, 10);
    expect(told(finish("a"))).toEqual(["result"]);
    expect(told(ofTwo("d"))).toEqual(["2: FULL"]);
    expect(told(dispatch(1, "c"))).toEqual(["accepted", "run"]);
  });

  it("goes to the one that has waited since, not to the one that said so first", () => {
    const { finish, at, wait } = sharedWorker();
    wait(1, 10);
    at(100);
    wait(2, 120);
    expect(told(finish("a"))).toContain("2: 1 elsewhere");
  });

  it("is on offer for as many steps as wait, and no more", () => {
    const { finish, wait, state } = sharedWorker();
    wait(2, 10, 1);
    finish("a");
    finish("b");
    expect(state.offers).toHaveLength(1);
    expect(freeSlots(state)).toBe(1);
    wait(2, 10, 2);
    expect(freeSlots(state)).toBe(0);
    wait(2, 11, 2);
    expect(state.offers).toHaveLength(2);
  });

  it("is kept within its capability's concurrency, and from calls without a session too", () => {
    const { finish, wait, ofTwo, when, dispatch } = sharedWorker();
    wait(2, 10, 2, "rare");
    finish("a");
    finish("b");
    expect(told(dispatch(1, "c", { capability: "rare" }))).toEqual(["1: FULL"]);
    expect(told(dispatch(1, "d"))).toEqual(["accepted", "run"]);
    const call = { kind: "execute", dispatch: dispatchOf("e", {}) } as const;
    expect(when(call)).toMatchObject([{ kind: "execute.rejected", reason: "FULL" }]);
    expect(told(ofTwo("f", "rare"))).toEqual(["accepted", "run"]);
  });

  it("that was on offer for one capability may be taken for another by the same orchestrator", () => {
    const { finish, wait, ofTwo, state } = sharedWorker();
    wait(2, 10, 1, "rare");
    finish("a");
    expect(told(ofTwo("c"))).toEqual(["accepted", "run"]);
    expect(state.offers).toEqual([]);
  });
});

describe("an offer", () => {
  it("runs out after its time, and goes to the next", () => {
    const { finish, at, wait } = sharedWorker();
    wait(2, 20);
    wait(1, 10);
    finish("a");
    expect(told(at(offerMs - 1))).toEqual([]);
    expect(told(at(offerMs))).toEqual(["1: 0 elsewhere", "2: 2 elsewhere"]);
  });

  it("wakes the worker in time", () => {
    const { finish, wait, state } = sharedWorker();
    wait(2, 20);
    finish("a");
    expect(state.wakeAtMs).toBe(offerMs);
  });

  it("is declined by whom nothing waits in any more", () => {
    const { finish, wait } = sharedWorker();
    wait(2, 20);
    wait(1, 10);
    finish("a");
    expect(told(wait(2, 0, 0))).toEqual(["1: 0 elsewhere", "2: 2 elsewhere"]);
  });

  it("ends with its session, and with the work of a drain", () => {
    const { finish, wait, when, state } = sharedWorker();
    wait(2, 20);
    finish("a");
    when({ kind: "session.closed", session: 2 });
    expect(freeSlots(state)).toBe(1);
    wait(1, 10);
    expect(state.offers).toHaveLength(1);
    when({ kind: "drain" });
    expect(state.offers).toEqual([]);
  });

  it("is not made again for a while to who lets them run out, however often that says that it waits", () => {
    const { finish, wait, at, state } = sharedWorker();
    wait(2, 20, 10);
    finish("a");
    for (let missed = 1; missed <= missedOffersMax; missed++) {
      expect(state.offers).toHaveLength(1);
      at(missed * offerMs);
    }
    expect(freeSlots(state)).toBe(1);
    wait(2, 20, 10);
    at(missedOffersMax * offerMs + passedOverMs - 1);
    expect(state.offers).toEqual([]);
    finish("b");
    at(missedOffersMax * offerMs + passedOverMs);
    expect(state.offers).toHaveLength(1);
    expect(freeSlots(state)).toBe(1);
  });

  it("goes to others while one that takes none keeps saying that it waits", () => {
    const { finish, wait, at, dispatch, state } = sharedWorker();
    wait(2, 1_000_000, 10);
    finish("a");
    let keptMs = 0;
    for (let ms = 0; ms < 60_000; ms += 50) {
      wait(2, 1_000_000, 10);
      at(ms);
      if (state.offers.length > 0) keptMs += 50;
    }
    expect(keptMs).toBeLessThan(6_000);
    expect(told(dispatch(1, "c"))).toEqual(["accepted", "run"]);
  });

  it("is made again to who sends a dispatch, though it comes too late, or declines", () => {
    const { finish, wait, at, ofTwo, dispatch, state } = sharedWorker();
    const missAll = (fromMs: number): void => {
      wait(2, 20, 10);
      for (let missed = 1; missed <= missedOffersMax; missed++) at(fromMs + missed * offerMs);
    };
    finish("a");
    missAll(0);
    dispatch(1, "c");
    expect(told(ofTwo("d"))).toEqual(["2: FULL"]);
    finish("c");
    wait(2, 20, 10);
    expect(state.offers).toHaveLength(1);
    missAll(missedOffersMax * offerMs);
    wait(2, 0, 0);
    wait(2, 20, 10);
    expect(state.offers).toHaveLength(1);
  });

  it("that is taken makes up for those that ran out", () => {
    const { finish, wait, at, ofTwo, state } = sharedWorker();
    wait(2, 20, 10);
    finish("a");
    for (let missed = 1; missed < missedOffersMax; missed++) at(missed * offerMs);
    ofTwo("c");
    finish("c");
    at(missedOffersMax * offerMs);
    expect(state.offers).toHaveLength(1);
  });
});

it("nobody is kept from a capability that the agent does not have, nor by a session that is gone", () => {
  const { wait, finish, state } = sharedWorker();
  wait(2, 20, 1, "other");
  wait(3, 20);
  finish("a");
  expect(state.offers).toEqual([]);
});
