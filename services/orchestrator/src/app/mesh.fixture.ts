import type { Clock } from "@weft/runtime/clock";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import type { JsonValue } from "../core/json.ts";
import { defaultDefinitionLimits, defaultExecutionLimits, type ExecutionLimits } from "../core/limits.ts";
import { isRejection, type Rejection } from "../core/rejection.ts";
import { startInput } from "../core/transcript.fixture.ts";
import type { Workflow } from "../core/workflow.ts";
import type { OrchestratorMetrics } from "../metrics.ts";
import { checkTree } from "./definition-source.ts";
import type { Engine } from "./engine.ts";
import { HandAgents } from "./hand-agents.fixture.ts";
import { HandStore, turn } from "./hand-store.fixture.ts";
import { type LogEnd, Shard, type Tracing } from "./shard.ts";
import type { Batch, Store } from "./store.ts";

export const shard = 0;
export const reattachGraceMs = 5_000;
export const recoveryGraceMs = 10_000;
export const agentBreakerCoolDownMs = 20_000;
export const stepBreakerCoolDownMs = 60_000;

export type MeshOptions = {
  readonly clock?: StepClock;
  readonly agents?: HandAgents;
  readonly executionsInFlightMax?: number;
  readonly snapshotEveryEvents?: number;
  readonly limits?: ExecutionLimits;
  readonly metrics?: OrchestratorMetrics;
  readonly tracing?: Tracing;
  readonly logger?: Logger;
};

/** One life of an orchestrator's app, on a real store whose commits wait for a hand, with hand-driven agents. */
export class Mesh {
  readonly clock: StepClock;
  /** By how much the wall clock has been set back. */
  setBackMs = 0;
  readonly agents: HandAgents;
  readonly hand: HandStore;
  readonly shard: Shard;
  /** What the log has ended with, if it has. */
  readonly ends: LogEnd[] = [];
  hasRoom = true;

  constructor(
    store: Store,
    ownership: { readonly epoch: number; readonly position: number },
    {
      clock = new StepClock(),
      agents = new HandAgents(),
      metrics,
      tracing,
      logger = silentLogger,
      ...options
    }: MeshOptions,
  ) {
    this.clock = clock;
    this.agents = agents;
    this.hand = new HandStore(store);
    const ports = {
      clock: this.#wallClock(),
      logger,
      tracing,
      checkText: async (text: string) => checkTree(JSON.parse(text), defaultDefinitionLimits),
      room: { hasRoom: () => this.hasRoom, look: async () => {} },
      metrics,
      connect: () => ({ directory: agents.directory, connector: agents.connector }),
    };
    const settings = {
      shard,
      random: () => 0,
      randomId: () => String(ownership.epoch * 1_000 + ++this.#started).padStart(8, "0"),
      reattachGraceMs,
      recoveryGraceMs,
      agentBreakerCoolDownMs,
      stepBreakerCoolDownMs,
      executionsInFlightMax: 100,
      snapshotEveryEvents: 1_000,
      limits: defaultExecutionLimits,
      definitionLimits: defaultDefinitionLimits,
      ...options,
    };
    this.shard = new Shard(this.hand.store, ownership, ports, settings, (end) => this.ends.push(end));
  }

  get engine(): Engine {
    return this.shard.engine;
  }

  /** Timers of executions and agents: all but the one that wakes sleepers. */
  get armed(): number {
    return this.clock.armed - 1;
  }

  #wallClock(): Clock {
    return {
      now: () => this.clock.now() - this.setBackMs,
      monotonic: () => this.clock.monotonic(),
      after: (delayMs, run) => this.clock.after(delayMs, run),
    };
  }

  #started = 0;

  /** Starts an execution, whose definition goes along; its id is there when it is durable. */
  start(workflow: Workflow, input: JsonValue = {}): { id?: string; refused?: Rejection } {
    const result: { id?: string; refused?: Rejection } = {};
    const start = { ...startInput(input), inline: true };
    const outcome = this.engine.start({ workflow, start, requestId: null, requestDigest: null });
    void outcome.then((started) => {
      if (isRejection(started)) result.refused = started;
      else result.id = started;
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
  await mesh.shard.recover();
  await turn();
  return mesh;
}

function linesOf({ events }: Batch): readonly string[] {
  return events.map(({ executionId, kind, body }) => {
    const { step = "" } = JSON.parse(body) as { readonly step?: string };
    return `${Number(executionId.slice(-3))} ${kind} ${step}`.trimEnd();
  });
}
