import { describe, expect, it } from "vitest";
import type { Effect } from "./effect.ts";
import { failed } from "./outcome.ts";
import { claimedWorker, dispatchOf, output, worker } from "./worker.fixture.ts";
import { freeSlots, isDrained } from "./worker-state.ts";

function rejection(effects: readonly Effect[]) {
  return effects.map((effect) => (effect.kind === "rejected" ? effect.reason : effect.kind));
}

function kinds(effects: readonly Effect[]) {
  return effects.map(({ kind }) => kind);
}

describe("slots", () => {
  it("takes a dispatch while a slot is free and refuses the next one at once", () => {
    const { dispatch, state } = claimedWorker();
    expect(kinds(dispatch(1, "a"))).toEqual(["accepted", "run"]);
    dispatch(1, "b");
    expect(rejection(dispatch(1, "c"))).toEqual(["FULL"]);
    expect(freeSlots(state)).toBe(0);
  });

  it("keeps a capability within its own concurrency", () => {
    const { dispatch, finish } = claimedWorker();
    dispatch(1, "a", { capability: "rare" });
    expect(rejection(dispatch(1, "b", { capability: "rare" }))).toEqual(["FULL"]);
    expect(kinds(dispatch(1, "c"))).toEqual(["accepted", "run"]);
    finish("a");
    expect(kinds(dispatch(1, "b", { capability: "rare" }))).toEqual(["accepted", "run"]);
  });

  it("counts the slots of all capabilities together", () => {
    const { dispatch } = claimedWorker();
    dispatch(1, "a");
    dispatch(1, "b", { capability: "rare" });
    expect(rejection(dispatch(1, "c"))).toEqual(["FULL"]);
  });

  it("refuses a capability that it does not have", () => {
    expect(rejection(claimedWorker().dispatch(1, "a", { capability: "none" }))).toEqual([
      "UNKNOWN_CAPABILITY",
    ]);
  });

  it("refuses new work, rather than drop results, when too many wait for an ack", () => {
    const { dispatch, finish, ack } = claimedWorker({ keptResultsMax: 2 });
    for (const id of ["a", "b"]) {
      dispatch(1, id);
      finish(id);
    }
    expect(rejection(dispatch(1, "c"))).toEqual(["FULL"]);
    ack(1, 1n, "a");
    expect(kinds(dispatch(1, "c"))).toEqual(["accepted", "run"]);
    expect(rejection(dispatch(1, "d"))).toEqual(["FULL"]);
  });

  it("refuses new work when the results that wait are too large", () => {
    const { dispatch, finish, ack } = claimedWorker({ keptResultBytesMax: 1 });
    dispatch(1, "a");
    finish("a");
    expect(rejection(dispatch(1, "b"))).toEqual(["FULL"]);
    ack(1, 1n, "a");
    expect(kinds(dispatch(1, "b"))).toEqual(["accepted", "run"]);
  });
});

describe("duplicates", () => {
  it("accepts a running dispatch again and does not run it twice", () => {
    const { dispatch } = claimedWorker();
    dispatch(1, "a");
    expect(kinds(dispatch(1, "a"))).toEqual(["accepted"]);
  });

  it("answers a finished dispatch with its result again, until it is acknowledged and its success forgotten", () => {
    const { dispatch, finish, ack } = claimedWorker({
      keptSuccesses: { countMax: 0, bytesMax: 0, ageMsMax: 0 },
    });
    dispatch(1, "a");
    finish("a");
    expect(dispatch(1, "a")).toEqual([{ kind: "result", session: 1, dispatchId: "a", outcome: output }]);
    ack(1, 1n, "a");
    expect(kinds(dispatch(1, "a"))).toEqual(["accepted", "run"]);
  });

  it("does not show one cluster's work to another that uses the same id", () => {
    const { open, claim, dispatch } = claimedWorker();
    open(2, "o1", "other");
    claim(2, 1n);
    dispatch(1, "a");
    expect(rejection(dispatch(2, "a"))).toEqual(["FULL"]);
  });
});

describe("claims", () => {
  it("is answered with what runs and what has finished, whose results follow", () => {
    const { open, claim, dispatch, finish, when } = claimedWorker();
    dispatch(1, "a");
    dispatch(1, "b");
    when({ kind: "session.closed", session: 1 });
    expect(finish("a")).toEqual([]);
    open(2);
    expect(claim(2, 1n)).toEqual([
      { kind: "in-flight", session: 2, shard: 0, epoch: 1n, running: ["b"], finished: ["a"] },
      { kind: "result", session: 2, dispatchId: "a", outcome: output },
    ]);
    expect(finish("b")).toEqual([{ kind: "result", session: 2, dispatchId: "b", outcome: output }]);
  });

  it("shows a lower epoch the higher one and nothing else", () => {
    const { open, claim, dispatch } = worker();
    open(1);
    claim(1, 5n);
    dispatch(1, "a", { epoch: 5n });
    open(2, "o2");
    expect(claim(2, 4n)).toEqual([
      { kind: "in-flight", session: 2, shard: 0, epoch: 5n, running: [], finished: [] },
    ]);
  });

  it("sends results to the newest owner and fences the old one", () => {
    const { open, claim, dispatch, finish, ack, state } = claimedWorker();
    dispatch(1, "a");
    open(2, "o2");
    claim(2, 2n);
    expect(rejection(dispatch(1, "b"))).toEqual(["FENCED"]);
    expect(finish("a")).toEqual([{ kind: "result", session: 2, dispatchId: "a", outcome: output }]);
    ack(1, 1n, "a");
    expect(state.results.size).toBe(1);
    ack(2, 2n, "a");
    expect(state.results.size).toBe(0);
  });

  it("ignores a cancel of an old owner and obeys the new one", () => {
    const { open, claim, dispatch, when } = claimedWorker();
    dispatch(1, "a");
    open(2, "o2");
    claim(2, 2n);
    const cancel = { kind: "cancel", shard: 0, dispatchId: "a", reason: "r" } as const;
    expect(when({ ...cancel, session: 1, epoch: 1n })).toEqual([]);
    expect(when({ ...cancel, session: 2, epoch: 2n })).toEqual([
      { kind: "abort", dispatchId: "a", cause: { kind: "cancelled", reason: "r" } },
    ]);
  });

  it("fences what is said under an epoch that its own session has left behind", () => {
    const { claim, dispatch, finish, ack, when, state } = claimedWorker();
    dispatch(1, "a");
    claim(1, 2n);
    const about = { session: 1, shard: 0, epoch: 1n, dispatchId: "a" } as const;
    expect(when({ kind: "cancel", ...about, reason: "r" })).toEqual([]);
    when({ kind: "extend", ...about, timeLeftMs: 5n });
    expect(state.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(rejection(dispatch(1, "b"))).toEqual(["FENCED"]);
    finish("a");
    ack(1, 1n, "a");
    expect(state.results.size).toBe(1);
  });

  it("fences a dispatch of a shard that its session has not claimed", () => {
    expect(rejection(claimedWorker().dispatch(1, "a", { shard: 1 }))).toEqual(["FENCED"]);
  });

  it("keeps the epochs of clusters apart", () => {
    const { open, claim, dispatch } = worker();
    open(1, "o1", "old");
    claim(1, 9n);
    open(2, "o1", "new");
    claim(2, 1n);
    expect(kinds(dispatch(2, "a"))).toEqual(["accepted", "run"]);
  });

  it("ends a session that claims more shards than may be known", () => {
    const { claim } = claimedWorker({ shardsMax: 1 });
    expect(claim(1, 1n, 1)).toEqual([{ kind: "end", session: 1, cause: "TOO_MANY" }]);
  });
});

describe("sessions", () => {
  it("replaces the old session of an orchestrator, whose claims end with it", () => {
    const { open, dispatch } = claimedWorker();
    expect(open(2)).toEqual([
      { kind: "end", session: 1, cause: "REPLACED" },
      { kind: "welcome", session: 2, busyElsewhere: 0, otherOrchestrators: 0 },
    ]);
    expect(dispatch(1, "a")).toEqual([]);
    expect(rejection(dispatch(2, "a"))).toEqual(["FENCED"]);
  });

  it("refuses one too many", () => {
    const { open } = claimedWorker({ sessionsMax: 1 });
    expect(open(2, "o2")).toEqual([{ kind: "end", session: 2, cause: "TOO_MANY" }]);
  });

  it("tells each orchestrator what the others hold, once per change", () => {
    const { open, claim, dispatch, finish, when } = claimedWorker();
    open(2, "o2");
    claim(2, 1n, 1);
    dispatch(1, "a");
    const toTwo = { kind: "load", session: 2, slots: 2, otherOrchestrators: 1 };
    const toOne = { ...toTwo, session: 1, busyElsewhere: 0 };
    expect(when({ kind: "load.due" })).toEqual([toOne, { ...toTwo, busyElsewhere: 1 }]);
    expect(when({ kind: "load.due" })).toEqual([]);
    finish("a");
    expect(when({ kind: "load.due" })).toEqual([{ ...toTwo, busyElsewhere: 0 }]);
    when({ kind: "session.closed", session: 2 });
    expect(when({ kind: "load.due" })).toEqual([{ ...toOne, otherOrchestrators: 0 }]);
  });

  it("moves a shard's share with its claim", () => {
    const { open, claim, dispatch, when } = claimedWorker();
    dispatch(1, "a");
    open(2, "o2");
    claim(2, 2n);
    expect(when({ kind: "load.due" })).toEqual([
      { kind: "load", session: 1, slots: 2, busyElsewhere: 1, otherOrchestrators: 1 },
      { kind: "load", session: 2, slots: 2, busyElsewhere: 0, otherOrchestrators: 1 },
    ]);
  });
});

describe("time", () => {
  it("aborts at the deadline, and fails a handler that has not stopped soon after", () => {
    const { dispatch, at, state } = claimedWorker();
    dispatch(1, "a", { timeLeftMs: 500n });
    expect(state.wakeAtMs).toBe(500);
    expect(at(499)).toEqual([]);
    expect(at(500)).toEqual([
      { kind: "abort", dispatchId: "a", cause: { kind: "timed-out", timeoutMs: 500 } },
    ]);
    expect(at(1_499)).toEqual([]);
    const message = "the attempt timed out after 500 ms, and its handler did not stop";
    const outcome = failed({ code: "DEADLINE_EXCEEDED", message, reason: "DEADLINE" });
    expect(at(1_500)).toEqual([{ kind: "result", session: 1, dispatchId: "a", outcome }]);
    expect(state.wakeAtMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes the result of a handler that stops within the grace", () => {
    const { dispatch, at, finish } = claimedWorker();
    dispatch(1, "a", { timeLeftMs: 500n });
    at(500);
    expect(kinds(finish("a"))).toEqual(["result"]);
    expect(at(2_000)).toEqual([]);
  });

  it("holds the slot of a handler that does not stop, and answers only once", () => {
    const { dispatch, at, finish, ack, state } = claimedWorker();
    dispatch(1, "a", { timeLeftMs: 500n });
    at(500);
    at(1_500);
    ack(1, 1n, "a");
    expect(freeSlots(state)).toBe(1);
    expect(dispatch(1, "a")).toEqual([]);
    expect(finish("a")).toEqual([]);
    expect(freeSlots(state)).toBe(2);
  });

  it("does not time out a run without a limit", () => {
    const { dispatch, at } = claimedWorker();
    dispatch(1, "a");
    expect(at(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });
});

describe("progress", () => {
  it("tells the first at once, then the last of each interval", () => {
    const { dispatch, progress, at } = claimedWorker();
    dispatch(1, "a");
    expect(progress("a", 0.1)).toEqual([
      { kind: "progress", session: 1, dispatchId: "a", fraction: 0.1, message: "" },
    ]);
    expect(progress("a", 0.2)).toEqual([]);
    expect(progress("a", 0.3, "m")).toEqual([]);
    expect(at(99)).toEqual([]);
    expect(at(100)).toEqual([{ kind: "progress", session: 1, dispatchId: "a", fraction: 0.3, message: "m" }]);
    expect(at(200)).toEqual([]);
  });

  it("is never told after the result", () => {
    const { dispatch, progress, finish, at } = claimedWorker();
    dispatch(1, "a");
    progress("a", 0.1);
    progress("a", 0.2);
    finish("a");
    expect(at(100)).toEqual([]);
    expect(progress("a", 1)).toEqual([]);
  });

  it("that waits is dropped when the run is failed in its handler's place", () => {
    const { dispatch, progress, at } = claimedWorker();
    dispatch(1, "a", { timeLeftMs: 500n });
    at(500);
    at(1_490);
    progress("a", 0.1);
    progress("a", 0.2);
    expect(kinds(at(1_500))).toEqual(["result"]);
    expect(at(1_600)).toEqual([]);
  });

  it("keeps fractions between 0 and 1 and messages short", () => {
    const { dispatch, progress } = claimedWorker({ progressMessageLengthMax: 3, progressIntervalMs: 0 });
    dispatch(1, "a");
    expect(progress("a", 7, "abcdef")).toMatchObject([{ fraction: 1, message: "abc" }]);
    expect(progress("a", Number.NaN)).toMatchObject([{ fraction: 0 }]);
  });
});

describe("draining", () => {
  it("takes nothing new, answers duplicates, and is done when all is acknowledged", () => {
    const { dispatch, finish, ack, when, state } = claimedWorker();
    dispatch(1, "a");
    expect(when({ kind: "drain" })).toEqual([{ kind: "draining", session: 1 }]);
    expect(rejection(dispatch(1, "b"))).toEqual(["DRAINING"]);
    expect(kinds(dispatch(1, "a"))).toEqual(["accepted"]);
    finish("a");
    expect(isDrained(state)).toBe(false);
    ack(1, 1n, "a");
    expect(isDrained(state)).toBe(true);
  });

  it("is told to a session that opens later", () => {
    const { open, when } = claimedWorker();
    when({ kind: "drain" });
    expect(kinds(open(2, "o2"))).toEqual(["welcome", "draining"]);
  });
});

describe("execute", () => {
  it("shares the slots and keeps nothing", () => {
    const { when, dispatch, finish, state } = claimedWorker();
    const execute = (id: string) => when({ kind: "execute", dispatch: dispatchOf(id, {}) });
    expect(kinds(execute("x"))).toEqual(["run"]);
    expect(execute("x")).toEqual([{ kind: "execute.rejected", dispatchId: "x", reason: "FULL" }]);
    dispatch(1, "a");
    expect(rejection(dispatch(1, "b"))).toEqual(["FULL"]);
    expect(finish("x")).toEqual([{ kind: "execute.ended", dispatchId: "x", outcome: output }]);
    expect(state.results.size).toBe(0);
  });

  it("is aborted when its caller goes, and a session's dispatch is not", () => {
    const { when, dispatch } = claimedWorker();
    when({ kind: "execute", dispatch: dispatchOf("x", {}) });
    dispatch(1, "a");
    expect(kinds(when({ kind: "execute.abandoned", dispatchId: "x" }))).toEqual(["abort"]);
    expect(when({ kind: "execute.abandoned", dispatchId: "a" })).toEqual([]);
  });
});
