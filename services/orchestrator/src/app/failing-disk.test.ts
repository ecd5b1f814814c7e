import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { defaultDefinitionLimits, defaultExecutionLimits } from "../core/limits.ts";
import { isRejection } from "../core/rejection.ts";
import { startInput, testWorkflow } from "../core/transcript.fixture.ts";
import { AgentProcess } from "./agent-process.fixture.ts";
import { type Fault, FaultyStore } from "./faulty-store.fixture.ts";
import { HandAgents } from "./hand-agents.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { Shard } from "./shard.ts";
import { ShardKeeper } from "./shard-keeper.ts";

const chain = testWorkflow({ steps: [{ id: "a" }, { id: "b", with: "${steps.a.output}" }] });

/** A shard that is kept open on a store with faults, and one agent that outlives its openings. */
class World {
  readonly memory: MemoryState = emptyMemory();
  readonly clock = new StepClock();
  readonly agents = new HandAgents();
  readonly process = new AgentProcess(4);
  readonly fatal: string[] = [];
  readonly keeper: ShardKeeper;
  faulty!: FaultyStore;
  openings = 0;
  #ids = 0;

  constructor() {
    this.keeper = new ShardKeeper({
      clock: this.clock,
      random: () => 0,
      logger: silentLogger,
      open: async (onLogEnd) => {
        this.faulty = new FaultyStore(openMemoryStore(this.memory));
        const ownership = await this.faulty.store.takeOwnership(0);
        const shard = new Shard(this.faulty.store, ownership, this.#ports(), this.#settings(), onLogEnd);
        this.openings++;
        const recovered = await shard.recover();
        this.agents.tell("x", { slots: 4 });
        this.process.connect(this.agents.session("x"));
        return { shard, recovered };
      },
      close: (shard) => {
        this.process.disconnect();
        return shard.stop();
      },
      onFatal: ({ message }) => this.fatal.push(message),
    });
  }

  #ports() {
    const { directory, connector } = this.agents;
    return {
      clock: this.clock,
      logger: silentLogger,
      checkText: async () => ({ problems: [], warnings: [] }),
      room: { hasRoom: () => true, look: async () => {} },
      connect: () => ({ directory, connector }),
    };
  }

  #settings() {
    return {
      shard: 0,
      random: () => 0,
      randomId: () => String(++this.#ids).padStart(8, "0"),
      reattachGraceMs: 5_000,
      recoveryGraceMs: 10_000,
      agentBreakerCoolDownMs: 10_000,
      stepBreakerCoolDownMs: 60_000,
      executionsInFlightMax: 100,
      snapshotEveryEvents: 1_000,
      limits: defaultExecutionLimits,
      definitionLimits: defaultDefinitionLimits,
    };
  }

  get shard(): Shard {
    const { shard } = this.keeper;
    if (!shard) throw new Error("the shard is not open");
    return shard;
  }

  /** What a start is answered with: an id, or the reason of its refusal. */
  async start(): Promise<string> {
    const start = { ...startInput({}), inline: true };
    const answer = this.shard.engine.start({ workflow: chain, start, requestId: null, requestDigest: null });
    const outcome = await answer;
    return isRejection(outcome) ? outcome.reason : outcome;
  }

  /** Handlers work, and commits go through, until nothing moves. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 5; ) {
      await turn();
      idle = this.process.work() ? 0 : idle + 1;
    }
  }

  status(id: string): string | undefined {
    return this.memory.executions.get(id)?.status;
  }

  /** Kinds of all events of an execution, in order. */
  story(id: string): readonly string[] {
    return [...(this.memory.events.get(id)?.values() ?? [])].map(({ kind }) => kind);
  }
}

const wholeStory = [
  "execution.started",
  "step.started",
  "step.succeeded",
  "step.started",
  "step.succeeded",
  "execution.succeeded",
];

/** Without sends: one that is on disk and never left goes out again, under another number. */
const essence = ["execution.started", "step.succeeded", "step.succeeded", "execution.succeeded"];

function essenceOf(story: readonly string[]): readonly string[] {
  return story.filter((kind) => essence.includes(kind));
}

let world: World;

beforeEach(async () => {
  world = new World();
  await world.keeper.start();
});

describe("an execution whose rows are refused", () => {
  it("is quarantined alone, and says why; the others go on", async () => {
    const [bad, good] = [await world.start(), await world.start()];
    world.faulty.poisoned.add(bad);
    await world.settle();
    expect([world.status(bad), world.status(good)]).toEqual(["RUNNING", "SUCCEEDED"]);
    expect(world.story(good)).toEqual(wholeStory);
    expect(await world.shard.explanations.explain("default", bad)).toMatchObject({
      status: "RUNNING",
      quarantine: expect.stringContaining("its facts cannot be written: "),
      steps: [{ step: "a", wait: { kind: "answer" } }, { step: "b" }],
    });
    const cancel = { kind: "cancel", reason: "", requestedBy: "ada" } as const;
    expect(await world.shard.requests.control("default", bad, cancel)).toMatchObject({
      reason: "QUARANTINED",
    });
    // Its result is not acked: whoever takes it up again will be told.
    expect(world.process.acked).not.toContain(`${bad}/a/1/1`);
  });

  it("keeps from its agent that a failure was heard, too", async () => {
    const bad = await world.start();
    world.faulty.poisoned.add(bad);
    await turn();
    world.process.work("INTERNAL");
    await world.settle();
    world.process.disconnect();
    world.process.connect(world.agents.session("x"));
    await world.settle();
    expect(world.process.acked).toEqual([]);
  });

  it("is taken up again by a restart, with the result that its agent has kept", async () => {
    const bad = await world.start();
    world.faulty.poisoned.add(bad);
    await world.settle();
    await world.keeper.stop();
    await world.keeper.start();
    await world.settle();
    expect(world.story(bad)).toEqual(wholeStory);
  });

  it("gives back the slots that it was about to use", async () => {
    for (const number of [1, 2, 3, 4]) {
      const answer = world.start();
      world.faulty.poisoned.add(`000-0o5uatc00-0000000${number}`);
      expect(await answer).toBe("QUARANTINED");
    }
    const good = await world.start();
    await world.settle();
    expect(world.status(good)).toBe("SUCCEEDED");
  });

  it("refuses a start that cannot be written", async () => {
    const answer = world.start();
    world.faulty.poisoned.add("000-0o5uatc00-00000001");
    expect(await answer).toBe("QUARANTINED");
    expect(await world.start()).toContain("-00000002");
  });
});

describe("a full disk", () => {
  it("keeps what was accepted, refuses what is new, and goes on when there is room", async () => {
    const id = await world.start();
    world.faulty.fill(3);
    await world.settle();
    expect(world.status(id)).toBe("RUNNING");
    expect(world.shard.log.isBlocked).toBe(true);
    const start = { kind: "cancel", reason: "", requestedBy: "ada" } as const;
    expect(await world.shard.requests.control("default", id, start)).toMatchObject({ reason: "NO_ROOM" });
    expect(await world.shard.queries.get("default", id)).toMatchObject({ state: { status: "RUNNING" } });
    for (let wait = 0; wait < 3; wait++) {
      world.clock.advance(2_000);
      await world.settle();
    }
    expect(world.shard.log.isBlocked).toBe(false);
    expect(world.story(id)).toEqual(wholeStory);
    expect(await world.start()).toContain("000-");
  });

  it("is looked past by whoever had asked before it was full", async () => {
    const id = await world.start();
    world.faulty.fill(1);
    await turn();
    world.process.work();
    expect(await world.shard.queries.get("default", id)).toMatchObject({ state: { status: "RUNNING" } });
    expect(world.shard.log.isBlocked).toBe(true);
  });

  it("refuses the start that finds it, of which nothing is left, and which can come again", async () => {
    for (let start = 1; start <= 4; start++) {
      world.faulty.fill(1);
      expect(await world.start()).toBe("NO_ROOM");
      world.clock.advance(50);
      await world.settle();
    }
    expect([world.shard.engine.executionsInFlight, world.memory.executions.size]).toEqual([0, 0]);
    const id = await world.start();
    await world.settle();
    expect(world.status(id)).toBe("SUCCEEDED");
  });
});

describe("a commit of which nobody knows whether it is on disk", () => {
  const faults: readonly (readonly [string, Fault])[] = [
    ["it is, and the answer is lost", { kind: "lost", isWritten: true }],
    ["it is not", { kind: "lost", isWritten: false }],
    ["it is, and the store fails", { kind: "lost", isWritten: true, isRejected: true }],
    ["it is not, and the store fails", { kind: "lost", isWritten: false, isRejected: true }],
  ];

  it.each(faults)("loads the shard anew and goes on: %s", async (_what, fault) => {
    const ids = [await world.start(), await world.start(), await world.start()];
    world.faulty.script(fault);
    await world.settle();
    expect(world.openings).toBe(2);
    world.clock.advance(1_000);
    await world.settle();
    for (const id of ids) expect(essenceOf(world.story(id))).toEqual(essence);
    expect(new Set(world.process.taken).size).toBe(world.process.taken.length);
  });

  it.each(faults)(
    "tells whoever started that it is not known, and starts nothing twice: %s",
    async (_what, fault) => {
      const answer = world.start();
      world.faulty.script(fault);
      expect(await answer).toBe("NOT_WRITABLE");
      await world.settle();
      const ids = [...world.memory.executions.keys()];
      expect(ids).toHaveLength("isWritten" in fault && fault.isWritten ? 1 : 0);
      for (const id of ids) expect(essenceOf(world.story(id))).toEqual(essence);
    },
  );

  it("breaks watches off, which go on from where they were", async () => {
    const id = await world.start();
    let isClosed = false;
    world.shard.hub.subscribe(id, {
      published: () => {},
      closed: () => {
        isClosed = true;
      },
    });
    world.faulty.script({ kind: "lost", isWritten: true });
    await world.settle();
    expect(isClosed).toBe(true);
  });

  it("is tried to open again for as long as it takes", async () => {
    const id = await world.start();
    world.faulty.script({ kind: "lost", isWritten: true });
    const taken = world.memory.shards.get(0)!;
    world.memory.shards.delete(0);
    await world.settle();
    world.memory.shards.set(0, taken);
    expect(world.openings).toBeGreaterThan(1);
    world.clock.advance(10_000);
    await world.settle();
    expect(world.status(id)).toBe("SUCCEEDED");
  });
});

describe("a log that is lost to this process", () => {
  it.each([
    ["another owner", { kind: "refused", reason: "FENCED" }],
    ["fewer rows than were asked for", { kind: "short", rows: 1 }],
    ["a broken disk", { kind: "refused", reason: "FAILED" }],
  ] satisfies [string, Fault][])("ends it: %s", async (_what, fault) => {
    const id = await world.start();
    world.faulty.script(fault);
    await world.settle();
    expect(world.fatal).toHaveLength(1);
    expect(world.keeper.shard).toBeUndefined();
    expect(world.process.acked).toEqual([]);
    expect(world.status(id)).toBe("RUNNING");
  });
});
