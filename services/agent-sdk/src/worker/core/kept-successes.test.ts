import { describe, expect, it } from "vitest";
import { apply } from "./apply.ts";
import type { Effect } from "./effect.ts";
import type { Dispatch } from "./input.ts";
import { type KeptBounds, keep, noSuccesses, recall } from "./kept-successes.ts";
import { workerLimits } from "./limits.ts";
import { failed, later, type Outcome, succeeded } from "./outcome.ts";
import { createWorkerState, isDrained } from "./worker-state.ts";

const output = succeeded(Buffer.from('"done"'));

/** An agent of one slot, with one session that has claimed shard 0 at epoch 1. */
function worker(bounds: Partial<KeptBounds> = {}) {
  const keptSuccesses = { ...workerLimits.keptSuccesses, ...bounds };
  const state = createWorkerState({
    slots: 1,
    capabilities: new Map([
      ["work", undefined],
      ["other", undefined],
    ]),
    limits: { ...workerLimits, keptResultsMax: 3, keptSuccesses },
  });
  let nowMs = 0;
  const when = (input: Parameters<typeof apply>[1]): readonly Effect[] => apply(state, input, nowMs);
  const connect = (session: number, cluster: string): void => {
    when({ kind: "session.opened", session, cluster, orchestratorId: "o" });
    when({ kind: "claim", session, shard: 0, epoch: 1n });
  };
  connect(1, "c");
  const dispatch = (dispatchId: string, more: Partial<Dispatch> = {}, session = 1) =>
    when({ kind: "dispatch", session, dispatch: dispatchOf(dispatchId, more) });
  const ack = (...dispatchIds: string[]) =>
    when({ kind: "result-ack", session: 1, shard: 0, epoch: 1n, dispatchIds });
  return {
    state,
    when,
    connect,
    dispatch,
    ack,
    execute: (dispatchId: string, more: Partial<Dispatch> = {}) =>
      when({ kind: "execute", dispatch: dispatchOf(dispatchId, more) }),
    /** Runs a dispatch to its acknowledged end. */
    end: (dispatchId: string, outcome: Outcome = output) => {
      dispatch(dispatchId);
      when({ kind: "finished", dispatchId, outcome });
      ack(dispatchId);
    },
    at: (ms: number) => {
      nowMs = ms;
      return when({ kind: "woke" });
    },
  };
}

function dispatchOf(dispatchId: string, more: Partial<Dispatch>): Dispatch {
  const ofShard = { dispatchId, shard: 0, epoch: 1n, capability: "work" };
  return { ...ofShard, namespace: "n", workflow: "w", input: Buffer.from("1"), timeLeftMs: 0n, ...more };
}

function kinds(effects: readonly Effect[]) {
  return effects.map((effect) => (effect.kind === "rejected" ? effect.reason : effect.kind));
}

describe("a repeated key", () => {
  it("is answered with the success under its new dispatch id, and nothing runs", () => {
    const { end, dispatch } = worker();
    end("e/s/1/1");
    const again = { kind: "result", session: 1, dispatchId: "e/s/2/1", outcome: output };
    expect(dispatch("e/s/2/1")).toEqual([again]);
    expect(kinds(dispatch("e/t/1/1"))).toEqual(["accepted", "run"]);
  });

  it("is answered when every slot is taken, and while the agent drains", () => {
    const { end, dispatch, when } = worker();
    end("e/s/1/1");
    dispatch("busy/s/1/1");
    expect(kinds(dispatch("e/s/1/2"))).toEqual(["result"]);
    when({ kind: "drain" });
    expect(kinds(dispatch("e/s/1/3"))).toEqual(["result"]);
    expect(kinds(dispatch("e/t/1/1"))).toEqual(["DRAINING"]);
  });

  it("is refused as long as no further result could wait for its ack", () => {
    const { end, dispatch, ack } = worker();
    end("e/s/1/1");
    dispatch("busy/s/1/1");
    for (const send of [2, 3]) dispatch(`e/s/1/${send}`);
    expect(kinds(dispatch("e/s/1/4"))).toEqual(["FULL"]);
    ack("e/s/1/2");
    expect(kinds(dispatch("e/s/1/4"))).toEqual(["result"]);
  });

  it("leaves a result that is kept until its ack, like any other", () => {
    const { state, end, dispatch, when, ack } = worker();
    end("e/s/1/1");
    when({ kind: "drain" });
    dispatch("e/s/1/2");
    expect(isDrained(state)).toBe(false);
    when({ kind: "session.closed", session: 1 });
    when({ kind: "session.opened", session: 1, cluster: "c", orchestratorId: "o" });
    const claimed = when({ kind: "claim", session: 1, shard: 0, epoch: 1n });
    expect(claimed).toMatchObject([{ kind: "in-flight", finished: ["e/s/1/2"] }, { kind: "result" }]);
    ack("e/s/1/2");
    expect(isDrained(state)).toBe(true);
  });

  it("is answered from a success that came after its attempt had timed out", () => {
    const { dispatch, when, at } = worker();
    dispatch("e/s/1/1", { timeLeftMs: 10n });
    at(10);
    expect(kinds(at(10 + workerLimits.deadlineGraceMs))).toEqual(["result"]);
    expect(when({ kind: "finished", dispatchId: "e/s/1/1", outcome: output })).toEqual([]);
    expect(kinds(dispatch("e/s/2/1"))).toEqual(["result"]);
  });

  it("runs after a failure, and after an answer of later", () => {
    const { end, dispatch, when } = worker();
    end("e/s/1/1", failed({ code: "UNAVAILABLE", message: "busy" }));
    expect(kinds(dispatch("e/s/2/1"))).toEqual(["accepted", "run"]);
    when({ kind: "finished", dispatchId: "e/s/2/1", outcome: later });
    expect(kinds(dispatch("e/s/3/1"))).toEqual(["accepted", "run"]);
  });

  it("is another one from another cluster, and for another capability", () => {
    const { end, connect, dispatch, when } = worker();
    end("e/s/1/1");
    expect(kinds(dispatch("e/s/1/2", { capability: "other" }))).toEqual(["accepted", "run"]);
    when({ kind: "finished", dispatchId: "e/s/1/2", outcome: later });
    connect(2, "d");
    expect(kinds(dispatch("e/s/1/3", {}, 2))).toEqual(["accepted", "run"]);
  });

  it("of a unary call is answered too, under the key that the caller gives", () => {
    const { execute, when } = worker();
    execute("call-1", { idempotencyKey: "order-7" });
    when({ kind: "finished", dispatchId: "call-1", outcome: output });
    const again = { kind: "execute.ended", dispatchId: "call-2", outcome: output };
    expect(execute("call-2", { idempotencyKey: "order-7" })).toEqual([again]);
    expect(kinds(execute("call-3", { idempotencyKey: "order-8" }))).toEqual(["run"]);
  });

  it("is answered from what an earlier life of the agent has left", () => {
    const { dispatch, when } = worker({ ageMsMax: 1_000 });
    for (const [step, ageMs] of [
      ["old", 1_001],
      ["young", 1_000],
    ] as const)
      when({ kind: "remembered", key: `c\nwork\ne/${step}`, output: Buffer.from("1"), ageMs });
    expect(kinds(dispatch("e/young/1/2"))).toEqual(["result"]);
    expect(kinds(dispatch("e/old/1/2"))).toEqual(["accepted", "run"]);
  });

  it("runs again once its success is too old", () => {
    const { end, dispatch, at } = worker({ ageMsMax: 1_000 });
    end("e/s/1/1");
    at(1_000);
    expect(kinds(dispatch("e/s/1/2"))).toEqual(["result"]);
    at(1_001);
    expect(kinds(dispatch("e/s/1/3"))).toEqual(["accepted", "run"]);
  });

  it("is not kept when it is longer than any id", () => {
    const { state, execute, when } = worker();
    execute("call-1", { idempotencyKey: "k".repeat(1_025) });
    when({ kind: "finished", dispatchId: "call-1", outcome: output });
    expect(state.successes.entries.size).toBe(0);
  });
});

describe("kept successes", () => {
  const bounds = { countMax: 3, bytesMax: 10, ageMsMax: 100 };
  const entry = (bytes: number, atMs = 0) => ({ bytes, atMs });

  it("are dropped from the oldest on, beyond the count, the bytes and the age", () => {
    const kept = noSuccesses();
    for (const key of ["a", "b", "c"]) expect(keep(kept, key, entry(1), bounds)).toEqual([]);
    expect(keep(kept, "d", entry(1), bounds)).toEqual(["a"]);
    expect(keep(kept, "e", entry(9), bounds)).toEqual(["b", "c"]);
    expect(kept.bytes).toBe(10);
    expect(keep(kept, "f", entry(1, 101), bounds)).toEqual(["d", "e"]);
    expect([[...kept.entries], kept.bytes]).toEqual([[["f", entry(1, 101)]], 1]);
  });

  it("count a key that comes again once, as the newest", () => {
    const kept = noSuccesses();
    for (const key of ["a", "b", "c", "a"]) keep(kept, key, entry(1), bounds);
    expect(keep(kept, "d", entry(1), bounds)).toEqual(["b"]);
    expect(kept.bytes).toBe(3);
  });

  it("stay within their bounds whatever order keys come in, and drop in the order of keeping", () => {
    const kept = noSuccesses();
    const order: string[] = [];
    for (let step = 0; step < 2_000; step++) {
      const key = `k${(step * 7) % 5}${step % 3}`;
      if (order.includes(key)) order.splice(order.indexOf(key), 1);
      order.push(key);
      const dropped = keep(kept, key, entry(1 + (step % 4), step), bounds);
      expect(dropped).toEqual(order.splice(0, dropped.length));
      expect([...kept.entries.keys()]).toEqual(order);
      expect(kept.bytes).toBeLessThanOrEqual(bounds.bytesMax);
    }
  });

  it("hold none that is larger than all may be together, and go on", () => {
    const kept = noSuccesses();
    expect(keep(kept, "a", entry(11), bounds)).toEqual(["a"]);
    expect(recall(kept, "a", bounds, 0)).toBeUndefined();
    const dropped = ["b", "c", "d", "e"].flatMap((key) => keep(kept, key, entry(1), bounds));
    expect(dropped).toEqual(["b"]);
  });
});
