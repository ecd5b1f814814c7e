import type { Step } from "../core/definition.ts";
import type { Event } from "../core/event.ts";
import type { Engine } from "./engine.ts";
import { decodedEvent, type EventContext, EventContexts } from "./event-contexts.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { DigestedEvent, Store } from "./store.ts";
import type { WatchHub } from "./watch-hub.ts";
import type { Workflows } from "./workflows.ts";

/** An event with what a consumer needs to route and judge it, and with its payload as a digest. */
export type RoutedEvent = Omit<DigestedEvent, "body"> & {
  /** Without its payload. Undefined when a newer release wrote it: only its place can be told. */
  readonly event: Event | undefined;
  readonly namespace: string;
  readonly workflow: string;
  readonly version: number;
  /** Of the step; undefined on events of the execution. */
  readonly capability: string | undefined;
  /** Of the execution on its start, of the step on each of its starts. */
  readonly timeoutMs: number | undefined;
};

export type LogFeedPorts = {
  readonly store: Store;
  readonly hub: WatchHub;
  readonly workflows: Workflows;
  readonly log: Pick<GroupCommit, "position">;
  readonly engine: Pick<Engine, "find">;
};

export type LogFollower = {
  /** The log may be longer than it was. Called at each commit: it must cost nothing. */
  grown(): void;
  /** Nothing more will come: the orchestrator stops. */
  closed(): void;
};

const pageSize = 500;

/** The durable log of a shard, for those who read it as a whole. They read it from the store, each at its own pace. */
export class LogFeed {
  readonly shard: number;
  readonly #ports: LogFeedPorts;
  readonly #contexts: EventContexts;

  constructor(shard: number, ports: LogFeedPorts) {
    this.shard = shard;
    this.#ports = ports;
    const { store, workflows, engine } = ports;
    this.#contexts = new EventContexts(store, workflows, (id) => engine.find(id));
  }

  /** Of the newest durable event. */
  get headPosition(): number {
    return this.#ports.log.position;
  }

  logId(): Promise<string> {
    return this.#ports.store.logId();
  }

  /** The next events after a position, in order and without gaps; none at the end of the log only. */
  async read(afterPosition: number): Promise<readonly RoutedEvent[]> {
    const page = await this.#ports.store.readDigests(this.shard, afterPosition, pageSize);
    const routed: RoutedEvent[] = [];
    for (const stored of page) {
      const event = decodedEvent({ ...stored, payload: null });
      const known = this.#contexts.of(stored.executionId, event);
      routed.push(routedOf(stored, event, known instanceof Promise ? await known : known));
    }
    return routed;
  }

  /** Returns what ends it. */
  follow(follower: LogFollower): () => void {
    return this.#ports.hub.subscribeAll({
      published: () => follower.grown(),
      closed: () => follower.closed(),
    });
  }
}

function routedOf(
  stored: DigestedEvent,
  event: Event | undefined,
  { namespace, workflow, version, definition }: EventContext,
): RoutedEvent {
  const { position, executionId, sequence, timeMs, kind, schemaVersion, digest } = stored;
  const step = event && "step" in event ? stepOf(definition, event.step) : undefined;
  return {
    position,
    executionId,
    sequence,
    timeMs,
    kind,
    schemaVersion,
    digest,
    event,
    namespace,
    workflow,
    version,
    capability: step?.capability,
    timeoutMs: timeoutOf(event, step, definition),
  };
}

function timeoutOf(
  event: Event | undefined,
  step: Step | undefined,
  definition: EventContext["definition"],
): number | undefined {
  if (event?.kind === "execution.started") return definition?.definition.timeoutMs;
  return event?.kind === "step.started" ? step?.timeoutMs : undefined;
}

function stepOf(definition: EventContext["definition"], stepId: string): Step | undefined {
  return definition?.definition.steps[definition.indexOf.get(stepId) ?? -1];
}
