import { describe, expect, it } from "vitest";
import { RegistryStage } from "./registry-stage.ts";

/** A registry that is older than one lease, so that no message says warming. */
function warmStage(...limits: ConstructorParameters<typeof RegistryStage>): RegistryStage {
  const stage = new RegistryStage(...limits);
  stage.clock.advance(10_000);
  return stage;
}

describe("a reader", () => {
  it("gets all agents first, then each change, with growing revisions", () => {
    const stage = warmStage();
    stage.attach({ agentId: "a" });
    const b = stage.attach({ agentId: "b" });
    const reader = stage.read();
    stage.attach({ agentId: "c" });
    b.lose();
    b.lose();
    expect(reader.lines).toEqual([
      "snapshot a/first:READY:4 b/first:READY:4",
      "c/first:READY:4",
      "b/first:SUSPECT:4",
    ]);
    expect(reader.revisions).toEqual([2, 3, 4]);
  });

  it("is told that the registry warms up, and when it no longer does", () => {
    const stage = new RegistryStage();
    const reader = stage.read();
    stage.clock.advance(9_999);
    expect(reader.lines).toEqual(["snapshot warming"]);
    stage.clock.advance(1);
    expect(reader.lines).toEqual(["snapshot warming", ""]);
  });

  it("is told that it no longer does by a timer that fires early, too", () => {
    const stage = new RegistryStage({}, undefined, 1);
    const reader = stage.read();
    stage.clock.advance(9_999);
    expect(reader.lines).toEqual(["snapshot warming", ""]);
  });

  it("is told nothing of a heartbeat that changes nothing", () => {
    const stage = warmStage();
    const agent = stage.attach();
    const reader = stage.read();
    agent.beat({ freeSlots: 4, draining: false });
    expect(reader.lines).toHaveLength(1);
  });

  it("is told once of an agent that is gone, and remembers it no longer", () => {
    const stage = warmStage();
    const reader = stage.read({ capability: "code.review" });
    stage.attach().end();
    stage.attach({ capabilities: [{ name: "code.write", version: "", concurrencyMax: 0 }] });
    expect(reader.lines.slice(1)).toEqual(["reviewer-1/first:READY:4", "reviewer-1/first:GONE:4"]);
  });

  it("is told nothing after it has left", () => {
    const stage = warmStage();
    const reader = stage.read();
    reader.close();
    stage.attach();
    expect(reader.lines).toEqual(["snapshot"]);
  });
});

describe("changes of free slots", () => {
  it("are told at once the first time, then gathered over 20 ms", () => {
    const stage = warmStage();
    const [a, b] = [stage.attach({ agentId: "a" }), stage.attach({ agentId: "b" })];
    stage.clock.advance(20);
    const reader = stage.read();
    a.beat({ freeSlots: 3, draining: false });
    expect(reader.lines.slice(1)).toEqual(["a/first:READY:3"]);
    a.beat({ freeSlots: 2, draining: false });
    b.beat({ freeSlots: 0, draining: false });
    a.beat({ freeSlots: 1, draining: false });
    stage.clock.advance(19);
    expect(reader.lines).toHaveLength(2);
    stage.clock.advance(1);
    expect(reader.lines.slice(2)).toEqual(["b/first:READY:0 a/first:READY:1"]);
  });

  it("are told at once again after a quiet window", () => {
    const stage = warmStage();
    const agent = stage.attach();
    const reader = stage.read();
    stage.clock.advance(20);
    agent.beat({ freeSlots: 3, draining: false });
    stage.clock.advance(20);
    agent.beat({ freeSlots: 2, draining: false });
    expect(reader.lines.slice(1)).toEqual(["reviewer-1/first:READY:3", "reviewer-1/first:READY:2"]);
    expect(stage.clock.armed).toBe(2);
    stage.clock.advance(20);
    expect(stage.clock.armed).toBe(1);
  });

  it("are told before another reader's snapshot holds them, and not to it again", () => {
    const stage = warmStage();
    const agent = stage.attach();
    const first = stage.read();
    for (const free of [3, 2]) agent.beat({ freeSlots: free, draining: false });
    const second = stage.read();
    expect(first.lines.at(-1)).toBe("reviewer-1/first:READY:2");
    stage.clock.advance(100);
    expect(second.lines).toEqual(["snapshot reviewer-1/first:READY:2"]);
  });

  it("go along when a state changes, which never waits", () => {
    const stage = warmStage();
    const [a, b] = [stage.attach({ agentId: "a" }), stage.attach({ agentId: "b" })];
    const reader = stage.read();
    for (const free of [3, 2]) a.beat({ freeSlots: free, draining: false });
    b.beat({ freeSlots: 2, draining: true });
    expect(reader.lines.slice(1)).toEqual(["a/first:READY:3", "a/first:READY:2 b/first:DRAINING:2"]);
  });
});

describe("a filtered reader", () => {
  it("gets only what it asks for", () => {
    const stage = warmStage();
    const capabilities = [{ name: "code.write", version: "", concurrencyMax: 0 }];
    const byCapability = stage.read({ capability: "code.write" });
    const byLabels = stage.read({ labels: [["team", "blue"]] });
    stage.attach({ agentId: "a" });
    stage.attach({ agentId: "b", capabilities });
    stage.attach({ agentId: "c", labels: { team: "blue", zone: "x" } });
    expect(byCapability.lines).toEqual(["snapshot", "b/first:READY:4"]);
    expect(byLabels.lines).toEqual(["snapshot", "c/first:READY:4"]);
  });

  it("is told once of an agent that it asks for no longer", () => {
    const stage = warmStage();
    const reader = stage.read({ states: new Set(["READY"]) });
    const agent = stage.attach();
    agent.lose();
    stage.clock.advance(10_000);
    stage.attach();
    stage.attach({ agentId: "other" }).end();
    expect(reader.lines.slice(1)).toEqual([
      "reviewer-1/first:READY:4",
      "reviewer-1/first:SUSPECT:4",
      "reviewer-1/first:READY:4",
      "other/first:READY:4",
      "other/first:GONE:4",
    ]);
  });
});

describe("a slow reader", () => {
  it("gets the latest record of each agent once it takes messages again", () => {
    const stage = warmStage();
    const [a, b] = [stage.attach({ agentId: "a" }), stage.attach({ agentId: "b" })];
    const reader = stage.read({}, 1);
    for (const free of [3, 2, 1]) {
      stage.clock.advance(20);
      a.beat({ freeSlots: free, draining: false });
      b.beat({ freeSlots: free, draining: false });
    }
    b.lose();
    expect(reader.lines).toHaveLength(1);
    reader.take(9);
    expect(reader.lines.slice(1)).toEqual(["a/first:READY:1 b/first:SUSPECT:1"]);
  });

  it("learns of the end of a replaced incarnation before its successor, whatever it missed", () => {
    const stage = warmStage();
    stage.attach();
    const reader = stage.read({}, 1);
    stage.attach({ incarnation: "second" }).end();
    stage.attach({ incarnation: "first" });
    reader.take(9);
    const last = "reviewer-1/second:GONE:4 reviewer-1/first:READY:4";
    expect(reader.lines.slice(1)).toEqual([last]);
  });

  it("gets many changes in messages of a bounded size, as fast as it takes them", () => {
    const stage = warmStage({ agentsPerMessageMax: 2 });
    const reader = stage.read({}, 1);
    for (const agentId of ["a", "b", "c", "d", "e"]) stage.attach({ agentId });
    reader.take(2);
    expect(reader.lines.slice(1)).toEqual([
      "a/first:READY:4 b/first:READY:4",
      "c/first:READY:4 d/first:READY:4",
    ]);
    reader.take(2);
    expect(reader.lines.at(-1)).toBe("e/first:READY:4");
  });

  it("learns later that the registry is warm", () => {
    const stage = new RegistryStage();
    const reader = stage.read({}, 1);
    stage.clock.advance(10_000);
    expect(reader.lines).toEqual(["snapshot warming"]);
    reader.take(9);
    expect(reader.lines).toEqual(["snapshot warming", ""]);
  });

  it("is cut off when more agents changed than may wait, and the others are not", () => {
    const stage = warmStage({ watchPendingMax: 2 });
    const slow = stage.read({}, 1);
    const quick = stage.read();
    for (const agentId of ["a", "b", "c", "d"]) stage.attach({ agentId });
    slow.take(9);
    expect(slow.lines).toEqual(["snapshot", "READER_TOO_SLOW"]);
    expect(quick.lines).toHaveLength(5);
  });
});
