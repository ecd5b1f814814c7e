import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import type { HandSession } from "./hand-agents.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";

const pause = { kind: "pause", reason: "lunch", requestedBy: "ada" } as const;
const resume = { kind: "resume", requestedBy: "ada" } as const;

let mesh: Mesh;
let x: HandSession;

beforeEach(async () => {
  mesh = await openMesh(openMemoryStore());
  x = mesh.agents.appear("x");
});

async function ask(id: string, request: typeof pause | typeof resume) {
  const answer = mesh.engine.request(id, request);
  await mesh.hand.commitAll();
  return answer;
}

describe("a paused execution", () => {
  const chain = testWorkflow({
    steps: [
      { id: "a", timeout: "10s" },
      { id: "b", dependsOn: ["a"] },
    ],
  });

  it("finishes what runs, sends nothing new, and goes on where it was", async () => {
    const id = await mesh.started(chain);
    expect(await ask(id, pause)).toBe("done");
    x.succeed(`${id}/a/1/1`);
    await mesh.hand.commitAll();
    mesh.clock.advance(60_000);
    expect(x.written).toEqual([`dispatch ${id}/a/1/1`, `extend ${id}/a/1/1 by 0`, `ack ${id}/a/1/1`]);
    await ask(id, resume);
    expect(x.written.at(-1)).toBe(`dispatch ${id}/b/1/1`);
  });

  it("stops the clock of an attempt, and tells the agent so", async () => {
    const id = await mesh.started(chain);
    mesh.clock.advance(4_000);
    await ask(id, pause);
    mesh.clock.advance(3_600_000);
    await mesh.hand.commitAll();
    await ask(id, resume);
    expect(x.written.slice(1)).toEqual([`extend ${id}/a/1/1 by 0`, `extend ${id}/a/1/1 by 6000`]);
    mesh.clock.advance(5_999);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 execution.resumed"]);
    mesh.clock.advance(1);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toContain("1 step.attempt_failed a");
  });

  it("tells an agent again whose session was cut meanwhile", async () => {
    const id = await mesh.started(chain);
    x.cut();
    await ask(id, pause);
    x.open({ running: [`${id}/a/1/1`] });
    expect(x.written.at(-1)).toBe(`extend ${id}/a/1/1 by 0`);
  });

  it("gives the slot that it waited for to the next, and asks again when it is resumed", async () => {
    const holder = await mesh.started(chain);
    const paused = await mesh.started(chain);
    const other = await mesh.started(chain);
    await ask(paused, pause);
    x.succeed(`${holder}/a/1/1`);
    await mesh.hand.commitAll();
    expect(x.written).toContain(`dispatch ${other}/a/1/1`);
    await ask(paused, resume);
    x.succeed(`${other}/a/1/1`);
    await mesh.hand.commitAll();
    x.succeed(`${holder}/b/1/1`);
    await mesh.hand.commitAll();
    expect(x.written).toContain(`dispatch ${paused}/a/1/1`);
  });

  it("is paused after a restart, with what ran", async () => {
    const store = openMemoryStore();
    const first = await openMesh(store);
    first.agents.appear("x");
    const id = await first.started(chain);
    void first.engine.request(id, pause);
    await first.hand.commitAll();
    const next = await openMesh(store);
    next.agents.tell("x");
    const session = next.agents.session("x");
    session.open({ running: [`${id}/a/1/1`] });
    expect(next.engine.find(id)?.state).toMatchObject({ status: "PAUSED", reason: "lunch" });
    next.clock.advance(60_000);
    session.succeed(`${id}/a/1/1`);
    await next.hand.commitAll();
    expect(next.lastCommit).toEqual(["1 step.succeeded a"]);
  });

  it("shows as PAUSED in lists", async () => {
    const id = await mesh.started(chain);
    await ask(id, pause);
    const rows = () => mesh.shard.queries.list({ namespace: "default", statuses: ["PAUSED"], limit: 10 });
    expect((await rows()).map(({ executionId }) => executionId)).toEqual([id]);
    await ask(id, resume);
    expect(await rows()).toEqual([]);
  });
});

describe("a step that nobody takes", () => {
  const patient = testWorkflow({ steps: [{ id: "a", capability: "rare", queueTimeout: "10s" }] });

  it("fails at its queue timeout, and leaves the queue", async () => {
    const id = await mesh.started(patient);
    mesh.clock.advance(10_000);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 step.failed a", "1 execution.failed"]);
    mesh.agents.appear("y", { capabilities: [{ name: "rare", maxConcurrency: 0 }] });
    await mesh.hand.commitAll();
    expect(mesh.agents.session("y").written).toEqual([]);
    expect(mesh.engine.find(id)).toBeUndefined();
  });

  it("does not fail while its execution is paused", async () => {
    const id = await mesh.started(patient);
    mesh.clock.advance(4_000);
    await ask(id, pause);
    mesh.clock.advance(60_000);
    await ask(id, resume);
    mesh.clock.advance(5_999);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).not.toContain("1 step.failed a");
    mesh.clock.advance(1);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toContain("1 step.failed a");
  });

  it("is not timed out once it was taken", async () => {
    const id = await mesh.started(patient);
    const y = mesh.agents.appear("y", { capabilities: [{ name: "rare", maxConcurrency: 0 }] });
    await mesh.hand.commitAll();
    mesh.clock.advance(20_000);
    await mesh.hand.commitAll();
    y.succeed(`${id}/a/1/1`);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 step.succeeded a", "1 execution.succeeded"]);
  });
});

describe("a heartbeat", () => {
  const beating = testWorkflow({ steps: [{ id: "a", heartbeatTimeout: "5s", retry: "none" }] });

  it("is every progress call; without one for too long the attempt fails", async () => {
    const id = await mesh.started(beating);
    for (let beat = 0; beat < 5; beat++) {
      mesh.clock.advance(4_000);
      x.listener.progressed(`${id}/a/1/1`, 0.1, "");
    }
    mesh.clock.advance(4_999);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 execution.started", "1 step.started a"]);
    mesh.clock.advance(1);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 step.attempt_failed a", "1 step.failed a", "1 execution.failed"]);
    expect(x.written.at(-1)).toBe(`cancel ${id}/a/1/1 because the step failed`);
  });

  it("is not demanded while the session is cut, and anew when it is back", async () => {
    const id = await mesh.started(beating);
    x.cut();
    mesh.clock.advance(4_900);
    x.open({ running: [`${id}/a/1/1`] });
    mesh.clock.advance(4_900);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toEqual(["1 execution.started", "1 step.started a"]);
  });

  it("is demanded of a paused execution too", async () => {
    const id = await mesh.started(beating);
    await ask(id, pause);
    mesh.clock.advance(5_000);
    await mesh.hand.commitAll();
    expect(mesh.lastCommit).toContain("1 step.failed a");
  });
});
