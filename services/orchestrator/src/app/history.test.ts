import { describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";
import type { SnapshotRow } from "./store.ts";

const steps = 700;
const workflow = testWorkflow({
  mode: "sequential",
  steps: Array.from({ length: steps }, (_, index) => ({ id: `s${index}` })),
});

/** Runs so many steps of a long chain, one after another. */
async function runSteps(mesh: Mesh, id: string, from: number, to: number): Promise<void> {
  const x = mesh.agents.session("x");
  for (let index = from; index < to; index++) {
    x.succeed(`${id}/s${index}/1/1`);
    await mesh.hand.commitAll();
  }
}

async function longHistory(memory: MemoryState) {
  const mesh = await openMesh(openMemoryStore(memory));
  mesh.agents.appear("x");
  const id = await mesh.started(workflow);
  await runSteps(mesh, id, 0, 600);
  return { id, mesh };
}

function snapshotOf(memory: MemoryState, id: string): SnapshotRow {
  return memory.snapshots.get(id)!;
}

describe("a long history", () => {
  it("is told from its snapshot on, and tells the same", async () => {
    const memory = emptyMemory();
    const { id, mesh } = await longHistory(memory);
    const { sequence } = snapshotOf(memory, id);
    expect(sequence).toBeGreaterThanOrEqual(1_000);
    for (let gone = 2; gone <= sequence; gone++) memory.events.get(id)!.delete(gone);
    // The first page must be full, or nobody asks for a snapshot.
    const store = openMemoryStore(memory);
    const full = await openMesh({
      ...store,
      readEvents: async (executionId, after, limit) =>
        after === 0
          ? Array.from({ length: limit }, () => memory.events.get(executionId)!.get(1)!)
          : store.readEvents(executionId, after, limit),
    });
    expect(full.engine.find(id)).toEqual(mesh.engine.find(id));
  });

  it("is told from its beginning when its snapshot is of another release", async () => {
    const memory = emptyMemory();
    const { id, mesh } = await longHistory(memory);
    memory.snapshots.set(id, { ...snapshotOf(memory, id), schemaVersion: 99, body: "?" });
    const next = await openMesh(openMemoryStore(memory));
    expect(next.engine.find(id)).toEqual(mesh.engine.find(id));
  });

  it("goes on after a restart as if there had been none", async () => {
    const memory = emptyMemory();
    const { id } = await longHistory(memory);
    const next = await openMesh(openMemoryStore(memory));
    next.agents.tell("x");
    next.agents.session("x").open({ running: [`${id}/s600/1/1`] });
    await runSteps(next, id, 600, steps);
    expect(memory.executions.get(id)?.status).toBe("SUCCEEDED");
  });
});
