import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { dispatchId } from "../core/dispatch-id.ts";
import type { FailureCode } from "../core/failure.ts";
import { isRejection } from "../core/rejection.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { type Mesh, openMesh, stepBreakerCoolDownMs } from "./mesh.fixture.ts";

const retry = { maxAttempts: 9, initialDelay: "1s", maxDelay: "1s", jitter: false };
const single = testWorkflow({ steps: [{ id: "a", retry }] });
const agentIds = ["v", "w", "x", "y", "z"];

let mesh: Mesh;
let answered: Set<string>;

/** Five agents with a slot each, so that five failures are one for each. */
beforeEach(async () => {
  mesh = await openMesh(openMemoryStore());
  answered = new Set();
  for (const agentId of agentIds) mesh.agents.appear(agentId);
});

async function startMany(count: number, workflow = single): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await mesh.started(workflow));
  return ids;
}

async function advance(ms: number): Promise<void> {
  mesh.clock.advance(ms);
  await mesh.hand.commitAll();
}

/** Sends that no agent has answered; "2 a/1/1" is of the second execution. */
function open(): readonly string[] {
  return agentIds
    .flatMap((agentId) => mesh.agents.session(agentId).dispatched)
    .filter(({ dispatchId: id }) => !answered.has(id))
    .map(({ dispatchId: id }) => id.replace(/^.*(\d)\/a/, "$1 a"))
    .sort();
}

/** Whoever has it answers. */
async function answer(executionId: string, ref: { attempt: number; send: number }, code?: FailureCode) {
  const id = dispatchId(executionId, { step: "a", ...ref });
  const session = agentIds
    .map((agentId) => mesh.agents.session(agentId))
    .find(({ dispatched }) => dispatched.some((dispatch) => dispatch.dispatchId === id))!;
  answered.add(id);
  if (code) session.fail(id, code);
  else session.succeed(id);
  await mesh.hand.commitAll();
}

const first = { attempt: 1, send: 1 };
const second = { attempt: 2, send: 2 };

async function openedBy(workflow = single): Promise<readonly string[]> {
  const ids = await startMany(5, workflow);
  for (const id of ids) await answer(id, first, "UNAVAILABLE");
  return ids;
}

async function stepOf(id: string) {
  const explanation = await mesh.shard.explanations.explain("default", id);
  if (isRejection(explanation)) throw new Error(explanation.message);
  return explanation.steps[0];
}

async function statuses(ids: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(ids.map((id) => mesh.shard.queries.get("default", id)));
  return found.map((execution) => (isRejection(execution) ? execution.reason : execution.state.status));
}

describe("a step that fails five times in a row", () => {
  it("is held back, says until when, and spends no attempt on it", async () => {
    const ids = await openedBy();
    const nextProbeAtMs = mesh.clock.now() + stepBreakerCoolDownMs;
    await advance(1_000);
    const late = await mesh.started(single);
    await advance(stepBreakerCoolDownMs - 1_001);
    expect(open()).toEqual([]);
    for (const id of [...ids, late])
      expect((await stepOf(id))?.slot).toEqual({ kind: "step-failing", nextProbeAtMs });
    const attempts = await Promise.all(ids.map(async (id) => mesh.engine.find(id)?.steps[0]?.attempt));
    expect(attempts).toEqual([2, 2, 2, 2, 2]);
  });

  it("is on record as held, not as one that found no agent", async () => {
    await openedBy();
    const events = (id: string) => mesh.hand.durable.filter(({ executionId }) => executionId === id);
    const held = await mesh.started(single);
    expect(events(held).map(({ kind, body }) => [kind, (JSON.parse(body) as { held?: true }).held])).toEqual([
      ["execution.started", undefined],
      ["step.queued", true],
    ]);
    for (const agentId of agentIds) mesh.agents.gone(agentId);
    const without = await mesh.started(testWorkflow({ steps: [{ id: "other" }] }));
    expect(events(without).map(({ body }) => (JSON.parse(body) as { held?: true }).held)).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("is probed after the cool-down, once, and goes on everywhere when that succeeds", async () => {
    const ids = await openedBy();
    await advance(1_000);
    await advance(stepBreakerCoolDownMs - 1_000);
    expect(open()).toEqual(["1 a/2/2"]);
    expect((await stepOf(ids[1]!))?.slot).toEqual({ kind: "step-failing", nextProbeAtMs: undefined });
    await answer(ids[0]!, second);
    expect(open()).toEqual(["2 a/2/2", "3 a/2/2", "4 a/2/2", "5 a/2/2"]);
    for (const id of ids.slice(1)) await answer(id, second);
    expect(await statuses(ids)).toEqual(ids.map(() => "SUCCEEDED"));
  });

  it("is held anew when the probe fails, which has spent an attempt of its own execution alone", async () => {
    const ids = await openedBy();
    await advance(1_000);
    await advance(stepBreakerCoolDownMs - 1_000);
    await answer(ids[0]!, second, "INTERNAL");
    await advance(stepBreakerCoolDownMs - 1);
    expect(open()).toEqual([]);
    await advance(1);
    expect(open()).toEqual(["2 a/2/2"]);
    expect(mesh.engine.find(ids[0]!)?.steps[0]?.attempt).toBe(3);
  });

  it("is probed again when the probe is not answered in time", async () => {
    await openedBy();
    await advance(1_000);
    await advance(stepBreakerCoolDownMs - 1_000);
    await advance(30_000);
    expect(open()).toEqual(["1 a/2/2", "2 a/2/2"]);
  });

  it("fails by its queue timeout, and by nothing else", async () => {
    const ids = await openedBy(testWorkflow({ steps: [{ id: "a", retry, queueTimeout: "20s" }] }));
    await advance(1_000);
    await advance(19_999);
    expect(await statuses(ids)).toEqual(ids.map(() => "RUNNING"));
    await advance(1);
    expect(await statuses(ids)).toEqual(ids.map(() => "FAILED"));
    await advance(stepBreakerCoolDownMs);
    expect(open()).toEqual([]);
  });

  it("is held also where it had its place in the queue before", async () => {
    const ids = await startMany(11);
    for (const id of ids.slice(0, 5)) await answer(id, first, "UNAVAILABLE");
    // Four slots came free before the fifth failure.
    expect(open()).toEqual(["6 a/1/1", "7 a/1/1", "8 a/1/1", "9 a/1/1"]);
    for (const id of ids.slice(9)) expect((await stepOf(id))?.slot).toMatchObject({ kind: "step-failing" });
  });

  it("does not hold back other steps of the workflow, nor the same step of another", async () => {
    await openedBy();
    const other = testWorkflow({ workflow: "other", steps: [{ id: "a" }] });
    const b = testWorkflow({ steps: [{ id: "b" }] });
    const ids = [await mesh.started(other), await mesh.started(b)];
    const running = await Promise.all(ids.map(async (id) => (await stepOf(id))?.status));
    expect(running).toEqual(["RUNNING", "RUNNING"]);
  });

  it("lets go whoever is cancelled or paused meanwhile, and probes with the next", async () => {
    const ids = await openedBy();
    await advance(1_000);
    void mesh.engine.request(ids[0]!, { kind: "cancel", reason: "", requestedBy: "ada" });
    void mesh.engine.request(ids[1]!, { kind: "pause", reason: "", requestedBy: "ada" });
    await mesh.hand.commitAll();
    await advance(stepBreakerCoolDownMs - 1_000);
    expect(open()).toEqual(["3 a/2/2"]);
    void mesh.engine.request(ids[1]!, { kind: "resume", requestedBy: "ada" });
    await mesh.hand.commitAll();
    expect((await stepOf(ids[1]!))?.slot).toEqual({ kind: "step-failing", nextProbeAtMs: undefined });
  });

  it("probes with the next when the one that was to go has ended in the queue", async () => {
    const ids = await openedBy();
    await advance(1_000);
    const busy = await startMany(5, testWorkflow({ workflow: "busy", steps: [{ id: "a" }] }));
    await advance(stepBreakerCoolDownMs - 1_000);
    expect((await stepOf(ids[0]!))?.slot).toMatchObject({ kind: "agents-full", position: 1 });
    expect((await stepOf(ids[1]!))?.slot).toMatchObject({ kind: "step-failing" });
    void mesh.engine.request(ids[0]!, { kind: "cancel", reason: "", requestedBy: "ada" });
    await mesh.hand.commitAll();
    await advance(0);
    expect((await stepOf(ids[1]!))?.slot).toMatchObject({ kind: "agents-full", position: 1 });
    await answer(busy[0]!, first);
    expect(open()).toContain("2 a/2/2");
  });
});

describe("a step is not held back", () => {
  it("by failures of its own making", async () => {
    const ids = await startMany(5);
    for (const id of ids) await answer(id, first, "INVALID_ARGUMENT");
    expect((await stepOf(await mesh.started(single)))?.status).toBe("RUNNING");
  });

  it("by failures with a success between them", async () => {
    const ids = await startMany(5);
    for (const id of ids.slice(0, 4)) await answer(id, first, "UNAVAILABLE");
    await answer(ids[4]!, first);
    const more = await startMany(1);
    await answer(more[0]!, first, "UNAVAILABLE");
    expect((await stepOf(await mesh.started(single)))?.status).toBe("RUNNING");
  });

  it("by what was sent before its breaker opened, once it is closed again", async () => {
    const agent = mesh.agents.appear("late", {
      slots: 5,
      capabilities: [{ name: "slow", maxConcurrency: 0 }],
    });
    const slow = await startMany(5, testWorkflow({ steps: [{ id: "a", capability: "slow", retry }] }));
    const ids = await openedBy();
    await advance(1_000);
    await advance(stepBreakerCoolDownMs - 1_000);
    await answer(ids[0]!, second);
    for (const id of slow) agent.fail(`${id}/a/1/1`, "UNAVAILABLE");
    await mesh.hand.commitAll();
    await answer(ids[1]!, second);
    expect((await stepOf(await mesh.started(single)))?.status).toBe("RUNNING");
  });
});
