import { beforeEach, describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import type { Execution } from "../core/execution.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import type { HandSession } from "./hand-agents.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";
import type { Queries } from "./queries.ts";

const chain = testWorkflow({ mode: "sequential", steps: [{ id: "a" }, { id: "b" }] });

let memory: MemoryState;
let mesh: Mesh;
let queries: Queries;
let x: HandSession;
let id: string;

beforeEach(async () => {
  memory = emptyMemory();
  mesh = await openMesh(openMemoryStore(memory));
  queries = mesh.shard.queries;
  x = mesh.agents.appear("x");
  id = await mesh.started(chain);
});

/** What has come of a promise so far. */
function outcomeOf<T>(promise: Promise<T>): { value?: T } {
  const outcome: { value?: T } = {};
  void promise.then((value) => {
    outcome.value = value;
  });
  return outcome;
}

async function finish(): Promise<void> {
  x.succeed(`${id}/a/1/1`);
  await mesh.hand.commitAll();
  x.succeed(`${id}/b/1/1`, '"done"');
  await mesh.hand.commitAll();
}

/** Awaits, for a caller who leaves when `leave` is called. */
function awaitEnd(waitMs: number, executionId = id) {
  let leave = (): void => {};
  const outcome = outcomeOf(
    queries.await("default", executionId, waitMs, (run) => {
      leave = run;
    }),
  );
  return { outcome, leave: () => leave() };
}

function shown(execution: Execution | Rejection | undefined): readonly string[] {
  if (!execution || isRejection(execution)) throw new Error("there is no execution");
  return [execution.state.status, ...execution.steps.map(({ state }) => state.status)];
}

const notFound = (namespace: string, executionId: string) => ({
  reason: "EXECUTION_NOT_FOUND",
  message: `namespace ${namespace} has no execution ${executionId}`,
});

describe("get", () => {
  it("shows an execution as it was when it was asked for, once all of that is durable", async () => {
    x.succeed(`${id}/a/1/1`);
    const asked = outcomeOf(queries.get("default", id));
    await turn();
    expect(asked).toEqual({});
    x.fail(`${id}/b/1/1`, "INTERNAL");
    await mesh.hand.commit();
    expect(shown(asked.value)).toEqual(["RUNNING", "SUCCEEDED", "RUNNING"]);
  });

  it("shows one that has ended from its log", async () => {
    await finish();
    const execution = await queries.get("default", id);
    expect(shown(execution)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    expect(execution).toMatchObject({ sequence: 6, state: { output: { text: '{"a":1,"b":"done"}' } } });
  });

  it("finds nothing in another namespace, in memory or in the store", async () => {
    expect(await queries.get("other", id)).toMatchObject(notFound("other", id));
    await finish();
    expect(await queries.get("other", id)).toMatchObject(notFound("other", id));
    expect(await queries.get("default", "nothing")).toMatchObject(notFound("default", "nothing"));
  });
});

describe("await", () => {
  it("answers when the end is durable", async () => {
    const { outcome } = awaitEnd(60_000);
    x.succeed(`${id}/a/1/1`);
    await mesh.hand.commitAll();
    x.succeed(`${id}/b/1/1`);
    await turn();
    expect(outcome).toEqual({});
    await mesh.hand.commit();
    expect(shown(outcome.value)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);
    expect(mesh.armed).toBe(0);
  });

  it("answers with how far it is when the time is up", async () => {
    const { outcome } = awaitEnd(500);
    mesh.clock.advance(499);
    await turn();
    expect(outcome).toEqual({});
    mesh.clock.advance(1);
    await turn();
    expect(shown(outcome.value)).toEqual(["RUNNING", "RUNNING", "PENDING"]);
  });

  it("answers at once when it has ended already, or is not there", async () => {
    await finish();
    const [ended, missing] = [awaitEnd(60_000), awaitEnd(60_000, "nothing")];
    await turn();
    expect(shown(ended.outcome.value)[0]).toBe("SUCCEEDED");
    expect(missing.outcome.value).toMatchObject(notFound("default", "nothing"));
  });

  it("answers at once when it was cancelled and a handler has not stopped yet", async () => {
    void mesh.engine.request(id, { kind: "cancel", reason: "", requestedBy: "ada" });
    await mesh.hand.commitAll();
    const { outcome } = awaitEnd(60_000);
    await turn();
    expect(shown(outcome.value)[0]).toBe("CANCELLED");
  });

  it("waits for one that sleeps, too", async () => {
    const pause = { kind: "pause", reason: "", requestedBy: "ada" } as const;
    void mesh.engine.request(id, pause);
    x.succeed(`${id}/a/1/1`);
    await mesh.hand.commitAll();
    expect(mesh.engine.find(id)).toBeUndefined();
    const { outcome } = awaitEnd(60_000);
    await turn();
    expect(outcome).toEqual({});
    void mesh.engine.request(id, { kind: "cancel", reason: "", requestedBy: "ada" });
    await turn();
    await mesh.hand.commitAll();
    await turn();
    expect(shown(outcome.value)[0]).toBe("CANCELLED");
  });

  it("answers at once for one that is quarantined, then or before", async () => {
    const { armed } = mesh;
    const waiting = awaitEnd(60_000);
    await turn();
    expect(waiting.outcome).toEqual({});
    mesh.engine.quarantine(id, "a row is refused");
    const late = awaitEnd(60_000);
    await turn();
    for (const { outcome } of [waiting, late]) expect(shown(outcome.value)[0]).toBe("RUNNING");
    expect(queries.quarantineOf(id)).toBe("a row is refused");
    expect(mesh.armed).toBe(armed);
  });

  it("goes on when another is quarantined", async () => {
    const { outcome } = awaitEnd(60_000);
    mesh.engine.quarantine(await mesh.started(chain), "a row is refused");
    await turn();
    expect(outcome).toEqual({});
  });

  it("waits for nobody who has left", async () => {
    const { leave } = awaitEnd(60_000);
    const armed = mesh.armed;
    leave();
    expect(mesh.armed).toBe(armed - 1);
  });

  it("answers when the orchestrator stops", async () => {
    const { outcome } = awaitEnd(60_000);
    mesh.shard.hub.close();
    await turn();
    expect(shown(outcome.value)[0]).toBe("RUNNING");
  });
});

describe("events", () => {
  it("are those after a sequence, as many as asked for", async () => {
    await finish();
    const events = await queries.events("default", id, 1, 2);
    expect(events).toMatchObject([
      { sequence: 2, position: 2, event: { kind: "step.started", agentId: "x" } },
      { sequence: 3, position: 3, event: { kind: "step.succeeded", payload: { text: "1" } } },
    ]);
  });

  it("of what is not there are refused", async () => {
    expect(await queries.events("other", id, 0, 10)).toMatchObject(notFound("other", id));
    expect(await queries.mustExist("default", id)).toBeUndefined();
    await finish();
    expect(await queries.mustExist("default", id)).toBeUndefined();
    expect(await queries.mustExist("other", id)).toMatchObject(notFound("other", id));
  });
});

describe("list", () => {
  it("shows what is durable", async () => {
    mesh.start(chain);
    await turn();
    const rows = await queries.list({ namespace: "default", limit: 10 });
    expect(rows.map(({ executionId }) => executionId)).toEqual([id]);
  });
});

describe("cancel", () => {
  const cancel = (namespace = "default", executionId = id) =>
    mesh.shard.requests.control(namespace, executionId, {
      kind: "cancel",
      reason: "why not",
      requestedBy: "ada",
    });

  it("answers when it is durable, and the same again after that", async () => {
    const asked = outcomeOf(cancel());
    await turn();
    expect("value" in asked).toBe(false);
    await mesh.hand.commit();
    expect(asked).toEqual({ value: undefined });
    expect(await cancel()).toBeUndefined();
    expect(await queries.get("default", id)).toMatchObject({
      state: { status: "CANCELLED", reason: "why not" },
    });
  });

  it("is refused for an execution that has ended otherwise, be that durable or not", async () => {
    x.succeed(`${id}/a/1/1`);
    await mesh.hand.commitAll();
    x.succeed(`${id}/b/1/1`);
    const asked = outcomeOf(cancel());
    await mesh.hand.commitAll();
    const refused = { reason: "EXECUTION_ENDED", message: "the execution has already ended as SUCCEEDED" };
    expect(asked.value).toMatchObject(refused);
    expect(await cancel()).toMatchObject(refused);
  });

  it("does not reach into another namespace", async () => {
    expect(await cancel("other")).toMatchObject(notFound("other", id));
    expect(await cancel("default", "nothing")).toMatchObject(notFound("default", "nothing"));
    expect(shown(await queries.get("default", id))[0]).toBe("RUNNING");
  });

  it("says that it cannot stop what could not be read", async () => {
    const events = memory.events.get(id)!;
    events.set(1, { ...events.get(1)!, schemaVersion: 99 });
    const next = await openMesh(openMemoryStore(memory));
    const cancel = { kind: "cancel", reason: "", requestedBy: "ada" } as const;
    expect(await next.shard.requests.control("default", id, cancel)).toMatchObject({ reason: "QUARANTINED" });
    expect(await next.shard.queries.get("default", id)).toMatchObject({ reason: "QUARANTINED" });
  });
});
