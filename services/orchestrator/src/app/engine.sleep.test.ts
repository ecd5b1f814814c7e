import { beforeEach, describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import type { HandSession } from "./hand-agents.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";

const hourMs = 3_600_000;
const retrying = testWorkflow({
  steps: [{ id: "a", retry: { initialDelay: "1h", maxDelay: "1h", jitter: false } }],
});
const chain = testWorkflow({
  steps: [
    { id: "a", timeout: "5h" },
    { id: "b", with: "${steps.a.output}" },
  ],
});

let memory: MemoryState;
let mesh: Mesh;
let x: HandSession;

beforeEach(async () => {
  memory = emptyMemory();
  mesh = await openMesh(openMemoryStore(memory));
  x = mesh.agents.appear("x");
});

/** Commits, and whatever is read from the log. */
async function settle(): Promise<void> {
  for (let idle = 0; idle < 5; idle++) {
    if (await mesh.hand.commit()) idle = 0;
    await turn();
  }
}

/** Time passes; near its end in steps, so that whoever looks once in a while does. */
async function pass(ms: number): Promise<void> {
  mesh.clock.advance(ms - 60_000);
  await settle();
  for (let step = 0; step < 6; step++) {
    mesh.clock.advance(10_000);
    await settle();
  }
}

async function asleep(): Promise<string> {
  const id = await mesh.started(retrying);
  x.fail(`${id}/a/1/1`, "UNAVAILABLE");
  await settle();
  return id;
}

async function complete(id: string, output = "1") {
  const token = { step: "a", attempt: 1, send: 1 };
  const payload = { text: output };
  const answer = mesh.engine.request(id, {
    kind: "complete",
    ...token,
    outcome: { kind: "succeeded", payload },
  });
  await settle();
  return answer;
}

describe("an execution with nothing to do for long", () => {
  it("leaves memory in the commit that makes it so, and has no timer there", async () => {
    const id = await asleep();
    expect([mesh.engine.executionsInFlight, mesh.engine.find(id), mesh.armed]).toEqual([0, undefined, 0]);
    expect(memory.executions.get(id)?.wakeAtMs).toBe(mesh.clock.now() + hourMs);
  });

  it("comes back in time", async () => {
    const id = await asleep();
    mesh.clock.advance(hourMs - 40_000);
    await settle();
    expect(mesh.engine.executionsInFlight).toBe(0);
    mesh.clock.advance(30_000);
    await settle();
    expect(mesh.engine.executionsInFlight).toBe(1);
    mesh.clock.advance(10_000);
    await settle();
    expect(x.written.at(-1)).toBe(`dispatch ${id}/a/2/2`);
    expect(memory.executions.get(id)?.wakeAtMs).toBeNull();
    x.succeed(`${id}/a/2/2`);
    await settle();
    expect(memory.executions.get(id)).toMatchObject({ status: "SUCCEEDED", wakeAtMs: null });
  });

  it("stays as long as a handler that was told to stop still runs, and leaves when it answers", async () => {
    const slow = testWorkflow({
      steps: [
        { id: "a", timeout: "1s", retry: { initialDelay: "1h", maxDelay: "1h", on: ["DEADLINE_EXCEEDED"] } },
      ],
    });
    const id = await mesh.started(slow);
    mesh.clock.advance(1_000);
    await settle();
    expect([x.written.at(-1), mesh.engine.executionsInFlight]).toEqual([
      `cancel ${id}/a/1/1 because a new attempt takes its place`,
      1,
    ]);
    x.fail(`${id}/a/1/1`, "CANCELLED");
    await settle();
    expect(mesh.engine.executionsInFlight).toBe(0);
  });

  it("is not read at a restart, and comes back in time all the same", async () => {
    const id = await asleep();
    mesh = await openMesh(openMemoryStore(memory), { clock: mesh.clock });
    x = mesh.agents.appear("x");
    expect(mesh.engine.executionsInFlight).toBe(0);
    await pass(hourMs);
    expect(x.written).toEqual([`dispatch ${id}/a/2/2`]);
  });

  it("is woken by a cancel, and by nothing else that is late", async () => {
    const id = await asleep();
    x.succeed(`${id}/a/1/1`);
    x.fail(`${id}/a/1/1`, "INTERNAL");
    await settle();
    expect([x.written.at(-1), mesh.engine.executionsInFlight]).toEqual([`ack ${id}/a/1/1`, 0]);
    const answer = mesh.engine.request(id, { kind: "cancel", reason: "", requestedBy: "ada" });
    await settle();
    expect(await answer).toBe("done");
    expect(memory.executions.get(id)?.status).toBe("CANCELLED");
    expect(mesh.engine.executionsInFlight).toBe(0);
  });

  it("shows what it is, asleep or not", async () => {
    const id = await asleep();
    expect(await mesh.shard.queries.get("default", id)).toMatchObject({
      steps: [{ state: { status: "RETRYING" } }],
    });
    expect(await mesh.shard.explanations.explain("default", id)).toMatchObject({
      steps: [{ step: "a", wait: { kind: "backoff", attempt: 2 } }],
    });
  });

  it("sleeps while it is paused, for as long as that takes", async () => {
    const id = await mesh.started(chain);
    void mesh.engine.request(id, { kind: "pause", reason: "", requestedBy: "ada" });
    x.succeed(`${id}/a/1/1`);
    await settle();
    expect([mesh.engine.executionsInFlight, mesh.armed]).toEqual([0, 0]);
    mesh.clock.advance(100 * hourMs);
    void mesh.engine.request(id, { kind: "resume", requestedBy: "ada" });
    await settle();
    expect(x.written.at(-1)).toBe(`dispatch ${id}/b/1/1`);
  });
});

describe("a step that its handler has put off", () => {
  async function putOff(): Promise<string> {
    const id = await mesh.started(chain);
    x.later(`${id}/a/1/1`);
    await settle();
    return id;
  }

  it("frees its slot and its memory, and is completed by its token", async () => {
    const id = await putOff();
    expect(x.written.at(-1)).toBe(`ack ${id}/a/1/1`);
    expect(mesh.engine.executionsInFlight).toBe(0);
    const other = await mesh.started(chain);
    expect(x.written.at(-1)).toBe(`dispatch ${other}/a/1/1`);
    x.succeed(`${other}/a/1/1`);
    await settle();
    expect(await complete(id, '"by hand"')).toBe("done");
    x.succeed(`${other}/b/1/1`);
    await settle();
    expect(x.dispatched.at(-1)).toMatchObject({ dispatchId: `${id}/b/1/1`, input: { text: '"by hand"' } });
  });

  it("times out like any other", async () => {
    const id = await putOff();
    await pass(5 * hourMs);
    await pass(60_000);
    expect(x.written).toContain(`dispatch ${id}/a/2/2`);
  });

  it("may be completed before its handler has said so", async () => {
    const id = await mesh.started(chain);
    expect(await complete(id)).toBe("done");
    x.later(`${id}/a/1/1`);
    await settle();
    expect(x.written).toContain(`dispatch ${id}/b/1/1`);
  });
});

describe("a success after the end", () => {
  it("is on record when a later life of the orchestrator hears of it", async () => {
    const id = await mesh.started(chain);
    void mesh.engine.request(id, { kind: "cancel", reason: "", requestedBy: "ada" });
    await settle();
    mesh = await openMesh(openMemoryStore(memory), { clock: mesh.clock });
    mesh.agents.tell("x");
    const session = mesh.agents.session("x");
    session.open({ finished: [`${id}/a/1/1`] });
    session.succeed(`${id}/a/1/1`, '"late"');
    await settle();
    expect(mesh.lastCommit).toEqual(["1 step.succeeded_late a"]);
    expect(session.written).toEqual([`ack ${id}/a/1/1`]);
    expect([mesh.engine.executionsInFlight, mesh.engine.find(id)]).toEqual([0, undefined]);
  });

  it("is on record, though the execution had left memory, and once", async () => {
    const id = await mesh.started(chain);
    void mesh.engine.request(id, { kind: "cancel", reason: "", requestedBy: "ada" });
    await settle();
    x.succeed(`${id}/a/1/1`, '"late"');
    await settle();
    expect(mesh.lastCommit).toEqual(["1 step.succeeded_late a"]);
    expect(x.written.at(-1)).toBe(`ack ${id}/a/1/1`);
    expect([mesh.engine.executionsInFlight, mesh.engine.find(id), mesh.armed]).toEqual([0, undefined, 0]);
    const commits = mesh.commits.length;
    x.succeed(`${id}/a/1/1`, '"late"');
    await settle();
    expect(await complete(id)).toBe("done");
    expect(mesh.commits).toHaveLength(commits);
  });

  it("is on record when it comes by token, though the execution had left memory", async () => {
    const id = await mesh.started(chain);
    x.later(`${id}/a/1/1`);
    void mesh.engine.request(id, { kind: "cancel", reason: "", requestedBy: "ada" });
    await settle();
    expect(mesh.engine.find(id)).toBeUndefined();
    expect(await complete(id, '"late"')).toBe("done");
    expect(mesh.lastCommit).toEqual(["1 step.succeeded_late a"]);
    expect([mesh.engine.executionsInFlight, mesh.engine.find(id), mesh.armed]).toEqual([0, undefined, 0]);
  });
});
