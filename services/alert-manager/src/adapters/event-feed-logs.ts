import type { ExecutionEvent } from "@weft/proto/weft/events/v1/events_pb";
import type { OrchestratorService, ShardLog } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { CloudEvent } from "@weft/runtime/event-bus";
import type { Client } from "@weft/runtime/grpc";
import type { FeedSink } from "../app/ports.ts";
import type { Placed } from "../core/observation.ts";
import { type HeardEvent, heardEvent, observationOf } from "./event-feed-observations.ts";

export type LogReader = Pick<Client<typeof OrchestratorService>, "listShards" | "readEvents">;

/** Which log the positions of a shard are of. Durable where the positions are. */
export type KnownLogs = {
  get(shard: number): string | undefined;
  set(shard: number, logId: string): Promise<void>;
};

export type LogPorts = { readonly reader: LogReader; readonly known: KnownLogs; readonly sink: FeedSink };

type ShardState = {
  /** Everything up to it was taken by the sink. */
  position: number;
  /** Undefined until the orchestrator has been asked. */
  logId: string | undefined;
  /** The log has more than was taken, and could not be read. */
  isBehind: boolean;
};

const callMsMax = 10_000;
/** Logs that were heard of and are not the current ones: of wiped data, whose events a stream may still hold. */
const strangersMax = 1_000;

/**
 * The shards' logs, each once and in order: from the bus while it brings one event after the other, from the log
 * itself otherwise.
 *
 * 1. `position` grows by one for each event, when the sink has taken it; what stands at or below it is dropped.
 * 2. Only one of its methods runs at a time: the caller sees to that.
 */
export class ShardLogs {
  readonly #reader: LogReader;
  readonly #known: KnownLogs;
  readonly #sink: FeedSink;
  readonly #signal: AbortSignal;
  readonly #shards = new Map<number, ShardState>();
  readonly #strangers = new Set<string>();
  readonly #namespaces = new Set<string>(["default"]);

  constructor(
    positions: ReadonlyMap<number, number>,
    { reader, known, sink }: LogPorts,
    signal: AbortSignal,
  ) {
    this.#signal = signal;
    this.#reader = reader;
    this.#known = known;
    this.#sink = sink;
    for (const [shard, position] of positions)
      this.#shards.set(shard, { position, logId: undefined, isBehind: true });
  }

  /** Namespaces that were heard of. */
  get namespaces(): Iterable<string> {
    return this.#namespaces;
  }

  get isBehind(): boolean {
    return this.#shards.size === 0 || [...this.#shards.values()].some(({ isBehind }) => isBehind);
  }

  /** Events from the bus. True: it should be reconciled, for they are of a log or a place that is not known. */
  async hear(events: readonly CloudEvent[]): Promise<boolean> {
    let isPuzzled = false;
    let run: HeardEvent[] = [];
    for (const event of events) {
      const heard = heardEvent(event);
      if (!heard) continue;
      const state = this.#shards.get(heard.shard);
      if (!state || state.logId !== heard.logId) isPuzzled ||= this.#isNew(heard.logId);
      else if (state.isBehind || heard.position <= state.position) continue;
      else if (heard.message && follows(run, heard, state)) run.push(heard);
      else {
        run = await this.#take(run);
        if (heard.position > state.position) isPuzzled ||= !(await this.#tryCatchUp(heard.shard, state));
      }
    }
    await this.#take(run);
    return isPuzzled;
  }

  /** Asks for the logs, and reads what was missed. Rejects when the orchestrator does not answer. */
  async reconcile(): Promise<readonly ShardLog[]> {
    const { shards } = await this.#reader.listShards({}, { timeoutMs: callMsMax, signal: this.#signal });
    for (const { shard, logId, headPosition } of shards) {
      const state = await this.#stateOf(shard, logId, Number(headPosition));
      if (state.position < Number(headPosition)) await this.#catchUp(shard, state);
      state.isBehind = false;
    }
    return shards;
  }

  async #stateOf(shard: number, logId: string, headPosition: number): Promise<ShardState> {
    const state = this.#shards.get(shard) ?? { position: 0, logId: undefined, isBehind: true };
    this.#shards.set(shard, state);
    const before = state.logId ?? this.#known.get(shard);
    const isOther = before !== undefined && before !== logId;
    // A log that ends before what was taken from it was set back: what follows is new.
    if (isOther || headPosition < state.position) {
      await this.#sink.logReset(shard, logId);
      state.position = 0;
    }
    if (before !== logId) await this.#known.set(shard, logId);
    state.logId = logId;
    return state;
  }

  async #tryCatchUp(shard: number, state: ShardState): Promise<boolean> {
    try {
      await this.#catchUp(shard, state);
      return true;
    } catch {
      // Until it can be read, what the bus brings stands behind a gap.
      state.isBehind = true;
      return false;
    }
  }

  async #catchUp(shard: number, state: ShardState): Promise<void> {
    const request = { shard, afterPosition: BigInt(state.position), logId: state.logId ?? "" };
    for await (const { events } of this.#reader.readEvents(request, { signal: this.#signal })) {
      const last = events.at(-1);
      if (!last) continue;
      await this.#observe(events.map((message) => placedOf(shard, message)));
      state.position = Number(last.event?.position);
      for (const { namespace } of events) this.#remember(namespace);
    }
  }

  /** Hands over what follows without a gap; returns the next run, which is empty. */
  async #take(run: readonly HeardEvent[]): Promise<HeardEvent[]> {
    if (run.length === 0) return [];
    await this.#observe(run.map(({ shard, message }) => message && placedOf(shard, message)));
    for (const { shard, position, message } of run) {
      this.#shards.get(shard)!.position = position;
      this.#remember(message?.namespace ?? "");
    }
    return [];
  }

  async #observe(placed: readonly (Placed | undefined)[]): Promise<void> {
    const judged = placed.filter((each) => each !== undefined);
    if (judged.length > 0) await this.#sink.observe(judged);
  }

  #remember(namespace: string): void {
    if (namespace !== "" && this.#namespaces.size < strangersMax) this.#namespaces.add(namespace);
  }

  #isNew(logId: string): boolean {
    if (this.#strangers.has(logId)) return false;
    if (this.#strangers.size < strangersMax) this.#strangers.add(logId);
    return true;
  }
}

/** Whether it is the next of its shard, behind those that are about to be taken. */
function follows(run: readonly HeardEvent[], { shard, position }: HeardEvent, state: ShardState): boolean {
  const before = run.findLast((each) => each.shard === shard)?.position ?? state.position;
  return position === before + 1;
}

function placedOf(shard: number, message: ExecutionEvent): Placed | undefined {
  const observation = observationOf(message);
  return observation && { observation, place: { shard, position: Number(message.event?.position) } };
}
