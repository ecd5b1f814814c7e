import { describe, expect, it } from "vitest";
import { RegistryStage } from "./registry-stage.ts";

/** A registry that is older than one lease, so that no message says warming. */
function warmStage(...limits: ConstructorParameters<typeof RegistryStage>): RegistryStage {
  const stage = new RegistryStage(...limits);
  stage.clock.advance(10_000);
  return stage;
}

const unlimited = Number.POSITIVE_INFINITY;

describe("a reader that goes on after a revision", () => {
  it("gets what it missed, in order, and then each change", () => {
    const stage = warmStage();
    const [a] = [stage.attach({ agentId: "a" }), stage.attach({ agentId: "b" })];
    const cut = stage.read();
    cut.close();
    a.lose();
    stage.attach({ agentId: "c" });
    const resumed = stage.read({}, unlimited, cut.revisions.at(-1));
    stage.attach({ agentId: "d" });
    expect(cut.lines).toEqual(["snapshot a/first:READY:4 b/first:READY:4"]);
    expect(resumed.lines).toEqual(["a/first:SUSPECT:4 c/first:READY:4", "d/first:READY:4"]);
    expect(resumed.revisions).toEqual([4, 5]);
  });

  it("is told so when it missed nothing", () => {
    const stage = warmStage();
    stage.attach();
    const resumed = stage.read({}, unlimited, 1);
    expect([resumed.lines, resumed.revisions]).toEqual([[""], [1]]);
  });

  it("is told that the registry still warms up, and when it no longer does", () => {
    const stage = new RegistryStage();
    const resumed = stage.read({}, unlimited, 0);
    stage.clock.advance(10_000);
    expect(resumed.lines).toEqual(["warming", ""]);
  });

  it("gets a snapshot when more has changed than is kept, or when it names a revision that is yet to come", () => {
    const stage = warmStage({ changesKeptMax: 2 });
    const agent = stage.attach();
    for (const free of [3, 2, 1, 0]) agent.beat({ freeSlots: free, draining: false });
    expect(stage.read({}, unlimited, 5).lines).toEqual([""]);
    expect(stage.read({}, unlimited, 3).lines).toEqual(["reviewer-1/first:READY:0"]);
    expect(stage.read({}, unlimited, 1).lines).toEqual(["snapshot reviewer-1/first:READY:0"]);
    expect(stage.read({}, unlimited, 6).lines).toEqual(["snapshot reviewer-1/first:READY:0"]);
  });

  it("learns of the end of a replaced incarnation before its successor", () => {
    const stage = warmStage();
    stage.attach();
    stage.attach({ incarnation: "second" });
    const resumed = stage.read({}, unlimited, 1);
    expect(resumed.lines).toEqual(["reviewer-1/first:GONE:4 reviewer-1/second:READY:4"]);
  });

  it("with a filter is told of an agent that it had and no longer asks for, and of no other", () => {
    const stage = warmStage();
    const had = stage.attach({ agentId: "had" });
    const draining = stage.attach({ agentId: "draining" });
    draining.beat({ freeSlots: 4, draining: true });
    const ready = { states: new Set(["READY"] as const) };
    const cut = stage.read(ready);
    cut.close();
    had.lose();
    draining.lose();
    const resumed = stage.read(ready, unlimited, cut.revisions.at(-1));
    expect(resumed.lines).toEqual(["had/first:SUSPECT:4"]);
  });

  it("with a filter is told later of an agent that did not change meanwhile", () => {
    const stage = warmStage();
    const agent = stage.attach();
    const resumed = stage.read({ states: new Set(["READY"]) }, unlimited, 1);
    agent.lose();
    expect(resumed.lines).toEqual(["", "reviewer-1/first:SUSPECT:4"]);
  });

  it("misses nothing of what was still being gathered, or waited for a slow reader, when it was cut", () => {
    const stage = warmStage();
    const [a, b] = [stage.attach({ agentId: "a" }), stage.attach({ agentId: "b" })];
    stage.clock.advance(20);
    const quick = stage.read();
    const slow = stage.read({}, 1);
    a.beat({ freeSlots: 3, draining: false });
    b.beat({ freeSlots: 2, draining: false });
    for (const reader of [quick, slow]) reader.close();
    expect(quick.lines.at(-1)).toBe("a/first:READY:3");
    const after = (revision = -1) => stage.read({}, unlimited, revision).lines;
    expect(after(quick.revisions.at(-1))).toEqual(["b/first:READY:2"]);
    expect(after(slow.revisions.at(-1))).toEqual(["a/first:READY:3 b/first:READY:2"]);
  });
});

describe("a large snapshot", () => {
  const fleet = (stage: RegistryStage) =>
    ["a", "b", "c", "d", "e"].map((agentId) => stage.attach({ agentId }));

  it("comes in pieces, of which all but the last say that absence means nothing", () => {
    const stage = warmStage({ agentsPerMessageMax: 2 });
    fleet(stage);
    const reader = stage.read();
    expect(reader.lines).toEqual([
      "snapshot warming a/first:READY:4 b/first:READY:4",
      "warming c/first:READY:4 d/first:READY:4",
      "e/first:READY:4",
    ]);
    expect(reader.revisions).toEqual([0, 0, 5]);
  });

  it("that was cut off begins anew, with what has changed", () => {
    const stage = warmStage({ agentsPerMessageMax: 2 });
    const [a] = fleet(stage);
    const cut = stage.read({}, 1);
    cut.close();
    a?.end();
    const resumed = stage.read({}, unlimited, cut.revisions.at(-1));
    expect(resumed.lines.join(" ").split(" ").sort()).toEqual(
      ["a/first:GONE:4", "b/first:READY:4", "c/first:READY:4", "d/first:READY:4", "e/first:READY:4"].sort(),
    );
  });

  it("holds what changes while a slow reader takes it", () => {
    const stage = warmStage({ agentsPerMessageMax: 2 });
    const agents = fleet(stage);
    const reader = stage.read({}, 1);
    agents[3]?.lose();
    reader.take(9);
    expect(reader.lines.slice(1)).toEqual(["warming c/first:READY:4 e/first:READY:4", "d/first:SUSPECT:4"]);
  });
});
