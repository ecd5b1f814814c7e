import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { storyStartMs, testWorkflow } from "../core/transcript.fixture.ts";
import { AgentProcess } from "./agent-process.fixture.ts";
import { HandAgents } from "./hand-agents.fixture.ts";
import { type Mesh, openMesh, recoveryGraceMs, shard } from "./mesh.fixture.ts";

const diamond = testWorkflow({
  steps: [
    { id: "top" },
    { id: "left", with: "${steps.top.output}" },
    { id: "right", dependsOn: ["top"] },
    { id: "join", with: ["${steps.left.output}", "${steps.right.output}"] },
  ],
});
const slots = 2;

/** A commit in which the process dies: "lost" is not on disk, "unheard" is, and nobody was told. */
type Crash = { readonly afterCommits: number; readonly last: "lost" | "unheard" };

/** What outlives an orchestrator: the disk, and agents; each life has a clock of its own. */
class World {
  readonly memory: MemoryState = emptyMemory();
  lives = 0;
  /** Processes of agent x, the newest last. */
  readonly processes = [new AgentProcess(slots)];

  async open(): Promise<Mesh> {
    const clock = new StepClock(storyStartMs + this.lives++ * 60_000);
    const mesh = await openMesh(openMemoryStore(this.memory), { clock, agents: new HandAgents() });
    mesh.agents.tell("x", { slots, incarnation: `x#${this.processes.length}` });
    this.processes.at(-1)!.connect(mesh.agents.session("x"));
    return mesh;
  }

  /** Agents work and commits go through until nothing moves; true when the crash came in the middle. */
  async live(mesh: Mesh, crash?: Crash): Promise<boolean> {
    for (let commits = 0, idleMs = 0; idleMs < 20_000; ) {
      if (crash && commits === crash.afterCommits) {
        if (crash.last === "unheard") await mesh.hand.commitUnheard();
        this.processes.at(-1)!.disconnect();
        return true;
      }
      if (await mesh.hand.commit()) commits++;
      else if (!this.processes.at(-1)!.work()) {
        mesh.clock.advance(500);
        idleMs += 500;
      }
      this.checkOrder();
    }
    return false;
  }

  /** What reached the agent was durable before. */
  checkOrder(): void {
    const started = new Set(this.log("step.started"));
    const succeeded = new Set(this.log("step.succeeded"));
    for (const { taken, acked } of this.processes) {
      expect(taken.filter((id) => !started.has(id))).toEqual([]);
      expect(acked.filter((id) => !succeeded.has(id))).toEqual([]);
    }
  }

  /** Dispatch ids of all events of a kind. */
  log(kind: string): readonly string[] {
    const { log } = this.memory.shards.get(shard)!;
    return log
      .filter((event) => event.kind === kind)
      .map(({ executionId, body }) => {
        const { step, attempt, send } = JSON.parse(body) as { step: string; attempt: number; send: number };
        return `${executionId}/${step}/${attempt}/${send}`;
      });
  }

  endedWell(): void {
    const rows = [...this.memory.executions.values()];
    expect(rows.map(({ status }) => status)).toEqual(rows.map(() => "SUCCEEDED"));
    const steps = this.log("step.succeeded").map((id) => id.split("/").slice(0, 2).join("/"));
    expect(steps).toHaveLength(rows.length * 4);
    expect(new Set(steps).size).toBe(steps.length);
  }
}

/** Commits of the two executions when nothing goes wrong. */
async function commitsInAll(): Promise<number> {
  const world = new World();
  const mesh = await world.open();
  for (let count = 0; count < 2; count++) mesh.start(diamond);
  await world.live(mesh);
  world.endedWell();
  return mesh.hand.batches.length;
}

describe("a crash", () => {
  it.each(["lost", "unheard"] as const)(
    "at any commit, which is then %s: all ends well, and nothing runs twice while the agents live on",
    async (last) => {
      const commits = await commitsInAll();
      expect(commits).toBeGreaterThan(8);
      for (let afterCommits = 0; afterCommits < commits; afterCommits++) {
        const world = new World();
        const first = await world.open();
        for (let count = 0; count < 2; count++) first.start(diamond);
        expect(await world.live(first, { afterCommits, last })).toBe(true);
        const second = await world.open();
        expect(await world.live(second)).toBe(false);
        world.endedWell();
        const steps = world.processes[0]!.taken.map((id) => id.split("/").slice(0, 2).join("/"));
        expect(new Set(steps).size).toBe(steps.length);
      }
    },
  );

  it.each(["lost", "unheard"] as const)(
    "at any commit, which is then %s, that takes the agent along: all ends well on its next process",
    async (last) => {
      const commits = await commitsInAll();
      for (let afterCommits = 0; afterCommits < commits; afterCommits++) {
        const world = new World();
        const first = await world.open();
        for (let count = 0; count < 2; count++) first.start(diamond);
        await world.live(first, { afterCommits, last });
        world.processes.push(new AgentProcess(slots));
        await world.live(await world.open());
        world.endedWell();
        expect(world.log("step.attempt_failed")).toEqual([]);
        expect(world.log("step.failed_over")).toEqual([]);
      }
    },
  );

  it("after every single commit still lets the work be done", async () => {
    const world = new World();
    const first = await world.open();
    for (let count = 0; count < 2; count++) first.start(diamond);
    await world.live(first, { afterCommits: 0, last: "unheard" });
    while (await world.live(await world.open(), { afterCommits: 1, last: "unheard" }))
      expect(world.lives).toBeLessThan(100);
    world.endedWell();
  });

  it("without the agent's return costs an interruption, and the work goes to another", async () => {
    const world = new World();
    const first = await world.open();
    first.start(diamond);
    await world.live(first, { afterCommits: 1, last: "lost" });
    const mesh = await openMesh(openMemoryStore(world.memory), { agents: new HandAgents() });
    const y = mesh.agents.appear("y");
    mesh.clock.advance(recoveryGraceMs - 1);
    await mesh.hand.commitAll();
    expect(y.written).toEqual([]);
    mesh.clock.advance(1);
    await mesh.hand.commitAll();
    expect(mesh.commits.at(-1)).toEqual(["1 step.interrupted top", "1 step.started top"]);
    expect(y.dispatched).toHaveLength(1);
  });
});

describe("a restart", () => {
  it("goes on with what backs off, waits or is timed, each when it is due", async () => {
    const store = openMemoryStore();
    const timed = testWorkflow({
      timeout: "1m",
      retry: "conservative",
      steps: [
        { id: "a", timeout: "50s" },
        { id: "b", timeout: "50s" },
      ],
    });
    const first = await openMesh(store);
    const id = await (async () => {
      const x = first.agents.appear("x");
      const started = await first.started(timed);
      x.fail(`${started}/a/1/1`, "UNAVAILABLE");
      await first.hand.commitAll();
      return started;
    })();
    const second = await openMesh(store);
    second.clock.advance(999);
    await second.hand.commitAll();
    expect(second.commits).toEqual([]);
    second.clock.advance(1);
    await second.hand.commitAll();
    expect(second.commits).toEqual([["1 step.queued a"]]);
    second.clock.advance(59_000);
    await second.hand.commitAll();
    expect(second.commits.at(-1)).toContain("1 execution.timed_out");
    expect((await store.getExecution("default", id))?.status).toBe("FAILED");
  });

  it("leaves alone what it cannot read, loudly, and takes up the rest", async () => {
    const memory = emptyMemory();
    const store = openMemoryStore(memory);
    const first = await openMesh(store);
    const bad = await first.started(diamond);
    const good = await first.started(diamond);
    const events = memory.events.get(bad)!;
    events.set(1, { ...events.get(1)!, schemaVersion: 99 });
    const next = await openMesh(store);
    expect(next.engine.executionsInFlight).toBe(1);
    expect(next.engine.find(good)).toBeDefined();
    expect(next.engine.quarantineOf(bad)).toBe(
      "its log cannot be read: event execution.started has schema version 99; this release reads 1",
    );
  });

  it("finds the definitions of registered workflows in the store", async () => {
    const store = openMemoryStore();
    const first = await openMesh(store);
    await first.shard.workflows.register("default", { kind: "tree", tree: diamond.definition.tree }, "ada");
    const start = first.shard.starts.start({
      namespace: "default",
      requestId: "",
      digest: () => "",
      workflow: { kind: "reference", name: "w" },
      input: { text: "1" },
      labels: {},
      createdBy: "ada",
    });
    await first.hand.commitAll();
    await start;
    const second = await openMesh(store);
    const [row] = await second.shard.queries.list({ namespace: "default", limit: 1 });
    expect(second.engine.find(row!.executionId)?.workflow.definition.tree).toEqual(diamond.definition.tree);
    expect(second.engine.executionsInFlight).toBe(1);
  });
});
