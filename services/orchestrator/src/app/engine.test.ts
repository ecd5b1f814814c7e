import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { type Mesh, openMesh, reattachGraceMs } from "./mesh.fixture.ts";

const chain = testWorkflow({ mode: "sequential", retry: "none", steps: [{ id: "a" }, { id: "b" }] });
const single = testWorkflow({ steps: [{ id: "a" }] });
const pair = testWorkflow({ mode: "parallel", retry: "none", steps: [{ id: "a" }, { id: "b" }] });

let mesh: Mesh;

beforeEach(async () => {
  mesh = await openMesh(openMemoryStore());
});

describe("a start", () => {
  it("finds its first slot in the same commit, and nobody hears of it before that is durable", async () => {
    const x = mesh.agents.appear("x");
    const published: unknown[] = [];
    mesh.shard.hub.subscribeAll({
      published: (news) => published.push(news.firstPosition),
      closed: () => {},
    });
    const started = mesh.start(chain, { n: 1 });
    await turn();
    expect(mesh.commits).toEqual([["1 execution.started", "1 step.started a"]]);
    expect([started, x.written, published]).toEqual([{}, [], []]);
    await mesh.hand.commit();
    expect(started.id).toMatch(/^000-[0-9a-z]{9}-00001001$/);
    expect(x.written).toEqual([`dispatch ${started.id}/a/1/1`]);
    expect(x.dispatched[0]).toMatchObject({
      namespace: "default",
      workflow: "w",
      input: { text: '{"n":1}' },
    });
    expect(published).toEqual([1]);
  });

  it("is refused when too many executions are in flight, until one has ended", async () => {
    const small = await openMesh(openMemoryStore(), { executionsInFlightMax: 1 });
    const x = small.agents.appear("x");
    const id = await small.started(single);
    const early = [small.start(single)];
    x.succeed(`${id}/a/1/1`);
    early.push(small.start(single));
    await small.hand.commitAll();
    const refusal = { reason: "TOO_MANY_EXECUTIONS", retryAfterMs: 1_000 };
    expect(early.map(({ refused }) => refused)).toMatchObject([refusal, refusal]);
    expect(await small.started(single)).toBeDefined();
  });

  it("whose input leads nowhere starts and ends in one commit, and its slot goes to who waits", async () => {
    const x = mesh.agents.appear("x");
    const bad = testWorkflow({ steps: [{ id: "a", with: "${input.nothing}" }] });
    const result = mesh.start(bad);
    mesh.start(single);
    await mesh.hand.commitAll();
    expect(mesh.commits).toEqual([
      [
        "1 execution.started",
        "1 step.failed a",
        "1 execution.failed",
        "2 execution.started",
        "2 step.started a",
      ],
    ]);
    expect(mesh.engine.find(result.id!)).toBeUndefined();
    expect(x.dispatched).toHaveLength(1);
  });
});

describe("a completion", () => {
  it("and the send that it causes are one commit; the ack and the dispatch come after it", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(chain);
    x.succeed(`${id}/a/1/1`);
    await turn();
    expect(mesh.lastCommit).toEqual(["1 step.succeeded a", "1 step.started b"]);
    expect(x.written).toEqual([`dispatch ${id}/a/1/1`]);
    await mesh.hand.commit();
    expect(x.written.slice(1)).toEqual([`dispatch ${id}/b/1/1`, `ack ${id}/a/1/1`]);
  });

  it("of the last step ends the execution, which leaves memory when that is durable", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(single);
    x.succeed(`${id}/a/1/1`, '"done"');
    await turn();
    expect(mesh.hand.batches.at(-1)!.ended).toEqual([
      { executionId: id, status: "SUCCEEDED", endedAtMs: mesh.clock.now() },
    ]);
    expect(mesh.engine.executionsInFlight).toBe(1);
    await mesh.hand.commit();
    expect(mesh.engine.executionsInFlight).toBe(0);
    expect(mesh.armed).toBe(0);
  });

  it("that comes twice is acked twice, the second time when the first is durable", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(single);
    x.succeed(`${id}/a/1/1`);
    x.succeed(`${id}/a/1/1`);
    await turn();
    expect(x.written).toHaveLength(1);
    await mesh.hand.commitAll();
    expect(x.written.slice(1)).toEqual([`ack ${id}/a/1/1`, `ack ${id}/a/1/1`]);
    expect(mesh.lastCommit).toEqual(["1 step.succeeded a", "1 execution.succeeded"]);
  });
});

describe("a step that finds no slot", () => {
  it("is queued, and bound in a commit of its own when an agent appears", async () => {
    const id = await mesh.started(single);
    expect(mesh.lastCommit).toEqual(["1 execution.started", "1 step.queued a"]);
    const x = mesh.agents.appear("x");
    await turn();
    expect(mesh.lastCommit).toEqual(["1 step.started a"]);
    expect(x.written).toEqual([]);
    await mesh.hand.commitAll();
    expect(x.written).toEqual([`dispatch ${id}/a/1/1`]);
  });

  it("comes after those that wait already, also when it is due by a completion", async () => {
    const x = mesh.agents.appear("x");
    const [first, second] = [await mesh.started(chain), await mesh.started(single)];
    x.succeed(`${first}/a/1/1`);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["2 step.started a", "1 step.succeeded a", "1 step.queued b"]);
    x.succeed(`${second}/a/1/1`);
    await mesh.hand.commitAll();
    expect(x.written).toContain(`dispatch ${first}/b/1/1`);
  });

  it("gets no slot any more when its execution has ended", async () => {
    const x = mesh.agents.appear("x");
    const holder = await mesh.started(single);
    const cancelled = await mesh.started(single);
    const waiting = await mesh.started(single);
    void mesh.engine.request(cancelled, { kind: "cancel", reason: "", requestedBy: "ada" });
    await mesh.hand.commitAll();
    x.succeed(`${holder}/a/1/1`);
    await mesh.hand.commitAll();
    expect(x.dispatched.map(({ dispatchId }) => dispatchId)).toEqual([`${holder}/a/1/1`, `${waiting}/a/1/1`]);
  });

  it("does not need the slot any more when an earlier send has succeeded after all", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(single);
    const other = await mesh.started(single);
    x.cut();
    mesh.clock.advance(reattachGraceMs);
    await mesh.hand.commitAll();
    x.open({ finished: [`${id}/a/1/1`] });
    x.succeed(`${id}/a/1/1`);
    await mesh.hand.commitAll();
    expect(x.written.filter((line) => line.startsWith("dispatch"))).toEqual([
      `dispatch ${id}/a/1/1`,
      `dispatch ${other}/a/1/1`,
    ]);
  });
});

describe("a cancel", () => {
  const cancel = { kind: "cancel", reason: "wrong input", requestedBy: "ada" } as const;

  it("reaches the agent, and is answered, when it is durable; a second one changes nothing", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(chain);
    const answers: unknown[] = [];
    for (let time = 0; time < 2; time++)
      void mesh.engine.request(id, cancel).then((said) => answers.push(said));
    await turn();
    expect([answers, x.written.length]).toEqual([[], 1]);
    await mesh.hand.commitAll();
    expect(answers).toEqual(["done", "done"]);
    expect(x.written.at(-1)).toBe(`cancel ${id}/a/1/1 because wrong input`);
    expect(mesh.lastCommit).toEqual([
      "1 execution.cancel_requested",
      "1 step.cancelled a",
      "1 execution.cancelled",
    ]);
    expect(await mesh.engine.request(id, cancel)).toBe("done");
  });

  it("that comes after another end is refused, once that end is durable", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(single);
    x.succeed(`${id}/a/1/1`);
    const answers: unknown[] = [];
    void mesh.engine.request(id, cancel).then((said) => answers.push(said));
    await turn();
    expect(answers).toEqual([]);
    await mesh.hand.commit();
    expect(answers).toMatchObject([{ reason: "EXECUTION_ENDED" }]);
  });

  it("before the send is durable dispatches nothing that it does not cancel", async () => {
    const x = mesh.agents.appear("x");
    const started = mesh.start(single);
    await turn();
    const id = mesh.hand.batches[0]!.events[0]!.executionId;
    void mesh.engine.request(id, cancel);
    await mesh.hand.commitAll();
    expect(started.id).toBe(id);
    expect(x.written).toEqual([`dispatch ${id}/a/1/1`, `cancel ${id}/a/1/1 because wrong input`]);
  });
});

describe("a failure", () => {
  it("cancels the siblings at their agents, and their answers come too late", async () => {
    const x = mesh.agents.appear("x", { slots: 2 });
    const id = await mesh.started(pair);
    x.fail(`${id}/a/1/1`, "INTERNAL");
    await mesh.hand.commitAll();
    expect(x.written.slice(2)).toEqual([
      `cancel ${id}/b/1/1 because the execution failed`,
      `ack ${id}/a/1/1`,
    ]);
    x.succeed(`${id}/b/1/1`);
    await mesh.hand.commitAll();
    expect(x.written.at(-1)).toBe(`ack ${id}/b/1/1`);
    expect(mesh.lastCommit).not.toContain("1 step.succeeded b");
  });

  it("of a step that comes to light in the commit of its siblings' sends dispatches none of them", async () => {
    const x = mesh.agents.appear("x", { slots: 3 });
    const steps = [{ id: "a" }, { id: "bad", with: "${input.nothing}" }, { id: "c" }];
    await mesh.started(testWorkflow({ mode: "parallel", steps }));
    expect(x.written).toEqual([]);
    const ids = [await mesh.started(pair), await mesh.started(single)];
    expect(x.dispatched.map(({ dispatchId }) => dispatchId.split("/")[0])).toEqual([ids[0], ids[0], ids[1]]);
  });

  it("that may pass is tried again when its time has come", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(testWorkflow({ retry: "conservative", steps: [{ id: "a" }] }));
    x.fail(`${id}/a/1/1`, "UNAVAILABLE");
    await mesh.hand.commitAll();
    mesh.clock.advance(999);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 step.attempt_failed a", "1 step.retry_scheduled a"]);
    mesh.clock.advance(1);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 step.started a"]);
    expect(x.written.at(-1)).toBe(`dispatch ${id}/a/2/2`);
  });

  it("to take the step sends it to another agent, and slowly when nobody takes it", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(single);
    for (let send = 1; send <= 4; send++) {
      x.reject(`${id}/a/1/${send}`, "FULL");
      await mesh.hand.commitAll();
    }
    expect(x.dispatched).toHaveLength(4);
    mesh.clock.advance(1_000);
    await mesh.hand.commitAll();
    expect(x.written.at(-1)).toBe(`dispatch ${id}/a/1/5`);
  });
});

describe("time", () => {
  it("ends an attempt that takes too long: its agent is told, and the next attempt is for another slot", async () => {
    const x = mesh.agents.appear("x", { slots: 2 });
    const slow = testWorkflow({ retry: "conservative", steps: [{ id: "a", timeout: "30s" }] });
    const id = await mesh.started(slow);
    mesh.clock.advance(30_000);
    await mesh.hand.commitAll();
    expect(x.written.at(-1)).toBe(`cancel ${id}/a/1/1 because a new attempt takes its place`);
    mesh.clock.advance(1_000);
    await mesh.hand.commitAll();
    expect(x.written.at(-1)).toBe(`dispatch ${id}/a/2/2`);
  });

  it("ends an execution that takes too long", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(testWorkflow({ timeout: "1m", steps: [{ id: "a", timeout: "50s" }] }));
    mesh.clock.advance(49_000);
    x.fail(`${id}/a/1/1`, "UNAVAILABLE");
    await mesh.hand.commitAll();
    mesh.clock.advance(11_000);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toContain("1 execution.timed_out");
    expect(x.written.at(-1)).toBe(`cancel ${id}/a/2/2 because the execution failed`);
    x.fail(`${id}/a/2/2`, "CANCELLED");
    expect([mesh.engine.executionsInFlight, mesh.armed]).toEqual([0, 0]);
  });

  it("that is set back loses no step that waits for a slot", async () => {
    await mesh.started(single);
    mesh.setBackMs = 3_600_000;
    const x = mesh.agents.appear("x");
    await mesh.hand.commitAll();
    expect(x.dispatched).toMatchObject([{ timeLeftMs: 600_000 }]);
  });

  it("that is set back loses no step that backs off", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(testWorkflow({ retry: "conservative", steps: [{ id: "a" }] }));
    x.fail(`${id}/a/1/1`, "UNAVAILABLE");
    await mesh.hand.commitAll();
    mesh.setBackMs = 60_000;
    mesh.clock.advance(1_000);
    await mesh.hand.commitAll();
    expect(x.dispatched).toHaveLength(1);
    mesh.clock.advance(60_000);
    await mesh.hand.commitAll();
    expect(x.dispatched).toHaveLength(2);
  });
});

describe("an engine that has to stop", () => {
  it("sends and acks nothing that the log did not take", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(chain);
    x.succeed(`${id}/a/1/1`);
    const started = mesh.start(single);
    await mesh.hand.refuse("FENCED");
    expect(mesh.ends).toMatchObject([{ isFatal: true }]);
    expect(x.written).toEqual([`dispatch ${id}/a/1/1`]);
    expect(started).toMatchObject({ refused: { reason: "NOT_WRITABLE" } });
  });

  it("leaves nothing armed, not even by what becomes durable afterwards", async () => {
    mesh.agents.appear("x");
    await mesh.started(testWorkflow({ timeout: "1h", steps: [{ id: "a" }] }));
    const late = mesh.start(testWorkflow({ timeout: "1h", steps: [{ id: "a" }] }));
    await turn();
    mesh.engine.stop();
    await mesh.hand.commitAll();
    expect(late.id).toBeDefined();
    expect([mesh.armed, mesh.engine.executionsInFlight]).toEqual([0, 0]);
    expect(mesh.agents.session("x").isClosed).toBe(true);
  });

  it("tells whoever comes late to ask again, and not that there is no such execution", async () => {
    const id = await mesh.started(chain);
    mesh.engine.stop();
    const cancel = { kind: "cancel", reason: "", requestedBy: "ada" } as const;
    expect(await mesh.engine.request(id, cancel)).toMatchObject({ reason: "NOT_WRITABLE" });
  });
});
