import assert from "node:assert/strict";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { parseDispatchId } from "../core/dispatch-id.ts";
import { type Chance, chance, randomWorkflow } from "../core/random-workflow.fixture.ts";
import { storyStartMs, testWorkflow } from "../core/transcript.fixture.ts";
import { AgentProcess } from "./agent-process.fixture.ts";
import { HandAgents } from "./hand-agents.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";

const slots = 3;
const agentIds = ["x", "y", "z"];

/** An agent's place: its process, and whether the registry lists it. */
type Seat = { readonly agentId: string; process: AgentProcess; incarnation: number; isListed: boolean };

/** Longer than anything waits: a slot that rests after a failure does so for up to a minute. */
const idleSecondsMin = 90;

/** Orchestrators that die and are born again, agents that come and go, and clients that change their minds. */
class Storm {
  readonly chance: Chance;
  readonly memory: MemoryState = emptyMemory();
  readonly seats: readonly Seat[] = agentIds.map((agentId) => ({
    agentId,
    process: new AgentProcess(slots),
    incarnation: 1,
    isListed: true,
  }));
  readonly processes: AgentProcess[] = this.seats.map(({ process }) => process);
  mesh!: Mesh;
  /** Completions that this life of the orchestrator was asked for, or that an earlier one has answered. */
  asked = new Set<string>();
  readonly heard = new Set<string>();
  elapsedMs = 0;

  constructor(seed: number) {
    this.chance = chance(seed);
  }

  /** A new process of the orchestrator; the one before it is never heard of again. */
  async open(): Promise<void> {
    for (const { process } of this.seats) process.disconnect();
    const clock = new StepClock(storyStartMs + this.elapsedMs);
    this.asked = new Set(this.heard);
    this.mesh = await openMesh(openMemoryStore(this.memory), { clock, agents: new HandAgents() });
    for (const seat of this.seats) if (seat.isListed) this.list(seat);
  }

  advance(ms: number): void {
    this.elapsedMs += ms;
    this.mesh.clock.advance(ms);
  }

  list(seat: Seat): void {
    seat.isListed = true;
    this.mesh.agents.tell(seat.agentId, { slots, incarnation: `${seat.agentId}#${seat.incarnation}` });
  }

  session({ agentId }: Seat) {
    return this.mesh.agents.sessions.findLast(({ record }) => record.agentId === agentId);
  }

  cut(seat: Seat): void {
    const session = this.session(seat);
    seat.process.disconnect();
    if (session && !session.isClosed) session.cut();
  }

  connect(seat: Seat): void {
    const session = this.session(seat);
    const isThere = session?.record.incarnation === `${seat.agentId}#${seat.incarnation}`;
    if (session && isThere && !session.isOpen && !session.isClosed) seat.process.connect(session);
  }

  restart(seat: Seat): void {
    this.cut(seat);
    seat.process = new AgentProcess(slots);
    this.processes.push(seat.process);
    seat.incarnation++;
    if (seat.isListed) this.list(seat);
  }

  async anyMove(): Promise<void> {
    const { is, below, of } = this.chance;
    const seat = of(this.seats);
    const move = below(100);
    if (move < 40) await this.mesh.hand.commit();
    else if (move < 66)
      seat.process.work(is(0.8) ? "OK" : of(["UNAVAILABLE", "INTERNAL", "NOT_FOUND", "LATER"]));
    else if (move < 70) this.completeAny();
    else if (move < 78) this.advance(below(2_000));
    else if (move < 80) this.askAny(of(["pause", "resume", "resume"]));
    else if (move < 84) this.mesh.start(randomWorkflow(this.chance, 12), { yes: true, no: false });
    else if (move < 87) this.cut(seat);
    else if (move < 94) this.connect(seat);
    else if (move < 95) this.restart(seat);
    else if (move < 96) this.delist(seat);
    else if (move < 98) this.list(seat);
    else if (move < 99) this.askAny("cancel");
    else if (is(0.5)) await this.crash();
  }

  delist(seat: Seat): void {
    seat.isListed = false;
    this.mesh.agents.gone(seat.agentId);
  }

  askAny(kind: "cancel" | "pause" | "resume"): void {
    const ids = [...this.memory.executions.keys()];
    if (ids.length > 0) this.ask(this.chance.of(ids), kind);
  }

  ask(id: string, kind: "cancel" | "pause" | "resume"): void {
    void this.mesh.engine.request(id, { kind, reason: "", requestedBy: "ada" });
  }

  /** True when there was something to complete. Who hears nothing, since the orchestrator has died, asks again. */
  completeAny(): boolean {
    const id = this.processes.flatMap(({ putOff }) => putOff).find((each) => !this.asked.has(each));
    const sent = id === undefined ? undefined : parseDispatchId(id);
    if (id === undefined || !sent) return false;
    this.asked.add(id);
    const { executionId, ...ref } = sent;
    const outcome = { kind: "succeeded", payload: { text: '"by hand"' } } as const;
    const request = this.mesh.engine.request(executionId, { kind: "complete", ...ref, outcome });
    void request.then(() => this.heard.add(id));
    return true;
  }

  async crash(): Promise<void> {
    if (this.chance.is(0.5)) await this.mesh.hand.commitUnheard();
    await this.open();
  }

  /** Everybody is there and works: what was begun ends, and nothing is left behind. */
  async calmDown(): Promise<void> {
    for (const seat of this.seats) this.list(seat);
    for (let idle = 0, turns = 0; idle < idleSecondsMin; turns++) {
      assert(turns < 5_000, "it does not come to rest");
      for (const seat of this.seats) this.connect(seat);
      for (const { executionId, status } of this.memory.executions.values())
        if (status === "PAUSED") this.ask(executionId, "resume");
      const isBusy =
        (await this.mesh.hand.commit()) ||
        this.seats.some(({ process }) => process.work()) ||
        this.completeAny();
      if (!isBusy) this.advance(1_000);
      idle = isBusy ? 0 : idle + 1;
    }
    // Whoever looks for sleepers has looked.
    await turn();
  }

  checkRest(): void {
    const open = [...this.memory.executions.values()].filter(({ endedAtMs }) => endedAtMs === null);
    assert.deepEqual(open, [], "an execution has not ended");
    const { engine } = this.mesh;
    assert.deepEqual([engine.executionsInFlight, this.mesh.armed], [0, 0], "in flight, and timers");
    const taken = this.processes.flatMap((process) => process.taken);
    assert.equal(new Set(taken).size, taken.length, "a dispatch id was sent twice");
  }

  /** Enough work for everybody: who was passed over, having failed so often, is so no more. */
  async clearNames(): Promise<void> {
    this.startWide(agentIds.length * slots);
    await this.calmDown();
  }

  startWide(width: number): void {
    const steps = Array.from({ length: width }, (_, index) => ({ id: `s${index}` }));
    this.mesh.start(testWorkflow({ mode: "parallel", steps }));
  }

  /** Every slot of every agent can be had: none was lost on the way, and none is there twice. */
  async checkSlots(): Promise<void> {
    const before = this.processes.reduce((sum, { refused }) => sum + refused, 0);
    this.startWide(agentIds.length * slots + 1);
    await turn();
    assert.deepEqual(
      this.mesh.lastCommit?.filter((line) => line.includes("step.queued")).length,
      1,
      "all slots but one step too many",
    );
    await this.mesh.hand.commitAll();
    assert.equal(
      this.processes.reduce((sum, { refused }) => sum + refused, 0),
      before,
      "an agent had no slot left",
    );
  }
}

/** How each execution of the storm ended. */
async function ride(seed: number): Promise<readonly string[]> {
  const storm = new Storm(seed);
  try {
    await storm.open();
    for (let move = 0; move < 400; move++) await storm.anyMove();
    await storm.calmDown();
    await storm.clearNames();
    storm.checkRest();
    const ends = [...storm.memory.executions.values()].map(({ status }) => status);
    await storm.checkSlots();
    return ends;
  } catch (cause) {
    throw new Error(`seed ${seed}`, { cause });
  }
}

describe("a mesh in a storm", () => {
  it("comes to rest: all executions end, nothing is sent twice, no slot is lost or given twice", async () => {
    const ends: string[] = [];
    for (let seed = 1; seed <= 100; seed++) ends.push(...(await ride(seed)));
    expect(ends.length).toBeGreaterThan(1_000);
    expect([...new Set(ends)].sort()).toEqual(["CANCELLED", "FAILED", "SUCCEEDED"]);
  });
});
