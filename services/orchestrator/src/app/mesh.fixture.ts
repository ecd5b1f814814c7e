import type { Clock } from "@weft/runtime/clock";
import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import type { JsonValue } from "../core/json.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import { startInput } from "../core/transcript.fixture.ts";
import type { Workflow } from "../core/workflow.ts";
import { Engine } from "./engine.ts";
import { GroupCommit } from "./group-commit.ts";
import { HandAgents } from "./hand-agents.fixture.ts";
import { HandStore, turn } from "./hand-store.fixture.ts";
import { Queries } from "./queries.ts";
import { loadUnfinished } from "./recovery.ts";
import { Starts } from "./starts.ts";
import type { Batch, Store } from "./store.ts";
import { WatchHub } from "./watch-hub.ts";
import { Workflows } from "./workflows.ts";

export const shard = 0;
export const reattachGraceMs = 5_000;
export const recoveryGraceMs = 10_000;

export type MeshOptions = {
  readonly clock?: StepClock;
  readonly agents?: HandAgents;
  readonly executionsInFlightMax?: number;
};

/** One life of an orchestrator's app, on a real store whose commits wait for a hand, with hand-driven agents. */
export class Mesh {
  readonly clock: StepClock;
  /** By how much the wall clock has been set back. */
  setBackMs = 0;
  readonly agents: HandAgents;
  readonly hand: HandStore;
  readonly log: GroupCommit;
  readonly hub = new WatchHub();
  readonly engine: Engine;
  readonly workflows: Workflows;
  readonly queries: Queries;
  readonly starts: Starts;
  readonly refusals: string[] = [];

  constructor(
    store: Store,
    ownership: { readonly epoch: number; readonly position: number },
    options: MeshOptions,
  ) {
    const { clock = new StepClock(), agents = new HandAgents(), executionsInFlightMax = 100 } = options;
    this.clock = clock;
    this.agents = agents;
    this.hand = new HandStore(store);
    this.log = new GroupCommit(
      { store: this.hand.store, shard, ownership, clock },
      {
        onQuarantined: (executionId) => this.refusals.push(`quarantined ${executionId}`),
        onBlocked: (isBlocked) => this.refusals.push(isBlocked ? "blocked" : "unblocked"),
        onUnknown: () => this.refusals.push("unknown"),
        onFatal: (reason) => this.refusals.push(reason),
      },
    );
    const wallClock: Clock = {
      now: () => clock.now() - this.setBackMs,
      monotonic: () => clock.monotonic(),
      after: (delayMs, run) => clock.after(delayMs, run),
    };
    this.engine = new Engine({
      shard,
      clock: wallClock,
      log: this.log,
      hub: this.hub,
      directory: agents.directory,
      connector: agents.connector,
      random: () => 0,
      randomId: () => String(ownership.epoch * 1_000 + ++this.#started).padStart(8, "0"),
      reattachGraceMs,
      recoveryGraceMs,
      executionsInFlightMax,
    });
    const parse = (text: string) =>
      ({ ok: true, tree: JSON.parse(text) as unknown, lineOf: () => 1 }) as const;
    this.workflows = new Workflows(this.hand.store, parse, () => wallClock.now());
    const { engine, hub, log, workflows } = this;
    this.queries = new Queries({ engine, log, hub, store: this.hand.store, workflows, clock: wallClock });
    this.starts = new Starts(engine, workflows, this.hand.store);
  }

  #started = 0;

  /** Starts an execution, whose definition goes along; its id is there when it is durable. */
  start(workflow: Workflow, input: JsonValue = {}): { id?: string; refused?: Rejection } {
    const result: { id?: string; refused?: Rejection } = {};
    const start = { ...startInput(input), inline: true };
    const outcome = this.engine.start({ workflow, start, requestId: null, requestDigest: null });
    if (isRejection(outcome)) result.refused = outcome;
    else
      void outcome.then((id) => {
        result.id = id;
      });
    return result;
  }

  /** The same, durable. */
  async started(workflow: Workflow, input?: JsonValue): Promise<string> {
    const result = this.start(workflow, input);
    await this.hand.commitAll();
    if (result.id === undefined) throw new Error("the start was refused");
    return result.id;
  }

  /** Each commit that was asked for, as lines such as "1 step.started a". */
  get commits(): readonly (readonly string[])[] {
    return this.hand.batches.map(linesOf);
  }

  get lastCommit(): readonly string[] | undefined {
    return this.commits.at(-1);
  }
}

/** Opens the shard as a process does that starts: with what it left unfinished in an earlier life. */
export async function openMesh(store: Store, options: MeshOptions = {}): Promise<Mesh> {
  const mesh = new Mesh(store, await store.takeOwnership(shard), options);
  mesh.engine.run(await loadUnfinished(store, mesh.workflows, shard, silentLogger));
  await turn();
  return mesh;
}

function linesOf({ events }: Batch): readonly string[] {
  return events.map(({ executionId, kind, body }) => {
    const { step = "" } = JSON.parse(body) as { readonly step?: string };
    return `${Number(executionId.slice(-3))} ${kind} ${step}`.trimEnd();
  });
}
