import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type AgentEntry,
  AgentService,
  type InFlight,
  OrchestratorEntrySchema,
  type SessionRequest,
  type SessionResponse,
  type Welcome,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { type ClientDuplex, Code, createChannel, RpcError } from "@weft/runtime/grpc";
import { features as known } from "../worker/core/handshake.ts";
import { Inbox } from "./inbox.ts";

export type Entry = AgentEntry["entry"];
export type EntryKind = NonNullable<Entry["case"]>;
export type EntryOf<K extends EntryKind> = Extract<Entry, { readonly case: K }>["value"];
export type OrchestratorEntryInit = MessageInitShape<typeof OrchestratorEntrySchema>;

export type TestOrchestratorOptions = {
  /** Shown to the agent. Default: none. */
  readonly token?: string | undefined;
  /** Default "orchestrator-1". */
  readonly orchestratorId?: string | undefined;
  /** Default "test". */
  readonly cluster?: string | undefined;
  /** Entries that it knows beyond the first version's. Default: "later" and "extend". */
  readonly features?: readonly string[] | undefined;
  /** Of shard 0, which is claimed at once. Default 1. */
  readonly epoch?: bigint | undefined;
};

export type DispatchOptions = {
  /** execution/step/attempt/send. Default: a new execution each time. */
  readonly dispatchId?: string | undefined;
  readonly shard?: number | undefined;
  readonly epoch?: bigint | undefined;
  /** Milliseconds. Default 60,000. */
  readonly timeLeftMs?: number | undefined;
};

/** The orchestrator's end of one session, driven by hand. */
export type TestOrchestrator = {
  readonly welcome: Welcome;
  /** What the agent had of shard 0 when it was claimed. */
  readonly inFlight: InFlight;
  /** Every frame so far. */
  readonly frames: readonly SessionResponse[];
  /** Sends entries in one frame. */
  send(...entries: OrchestratorEntryInit[]): void;
  /** Sends a step to the agent; returns its dispatch id. */
  dispatch(capability: string, input: unknown, options?: DispatchOptions): string;
  /** Says that these results are durable. */
  acknowledge(dispatchIds: readonly string[], shard?: number, epoch?: bigint): void;
  claim(shard: number, epoch: bigint): Promise<InFlight>;
  /** The oldest entry of this kind that the test has not taken yet, or the next to come. */
  next<K extends EntryKind>(kind: K): Promise<EntryOf<K>>;
  /** Entries that the test has not taken, once all that was sent so far is answered. */
  untaken(): Promise<readonly Entry[]>;
  /** How the agent ended the session: undefined when it ended it well. */
  readonly ended: Promise<RpcError | undefined>;
  /** Ends the session well: the agent reads all that was sent before. */
  close(): Promise<void>;
  /** Breaks the connection off, as a crash does: what was just sent may be lost. */
  cut(): void;
};

/**
 * Opens a session at an agent, says hello and claims shard 0. `address` is host:port, as registered.
 *
 * Rejects with the agent's answer when it refuses the session.
 *
 * @example
 * ```ts
 * const { address } = await registry.registration();
 * const orchestrator = await openTestOrchestrator(address, { token });
 * const dispatchId = orchestrator.dispatch("code.review", { repo: "weft", commit: "4c7929c" });
 * await orchestrator.next("succeeded");
 * orchestrator.acknowledge([dispatchId]);
 * await orchestrator.close();
 * ```
 */
export async function openTestOrchestrator(
  address: string,
  options: TestOrchestratorOptions = {},
): Promise<TestOrchestrator> {
  const { orchestratorId = "orchestrator-1", cluster = "test", epoch = 1n, features = known } = options;
  const { token } = options;
  const channel = createChannel({ address, exclusive: true, ...(token === undefined ? {} : { token }) });
  const call: ClientDuplex<SessionRequest, SessionResponse> = channel.client(AgentService).session() as never;
  const line = openLine(call);
  const ended = line.ended.finally(() => channel.close());
  const versions = { min: 1, max: 1 };
  const hello = { orchestratorId, cluster, versions, features: [...features] };
  line.send({ entry: { case: "hello", value: hello } });
  const welcome = await line.next("welcome");
  const claim = claimer(line);
  const inFlight = await claim(0, epoch);
  return {
    ...line,
    welcome,
    inFlight,
    ended,
    claim,
    dispatch: dispatcher(line, epoch),
    acknowledge: (dispatchIds, shard = 0, at = epoch) =>
      line.send({ entry: { case: "resultAck", value: { shard, epoch: at, dispatchIds: [...dispatchIds] } } }),
    untaken: pinger(line),
    async close() {
      call.end();
      await ended;
    },
    cut() {
      call.cancel();
      channel.close();
    },
  };
}

type Line = Pick<TestOrchestrator, "frames" | "send" | "next" | "ended"> & { readonly inbox: Inbox<Entry> };

function openLine(call: ClientDuplex<SessionRequest, SessionResponse>): Line {
  const inbox = new Inbox<Entry>();
  const frames: SessionResponse[] = [];
  const ended = Promise.withResolvers<RpcError | undefined>();
  call.onMessage((frame) => {
    frames.push(frame);
    for (const { entry } of frame.entries) inbox.add(entry);
  });
  call.onEnd((error) => {
    inbox.end(error ?? new RpcError(Code.UNAVAILABLE, "the agent ended the session"));
    call.end();
    ended.resolve(error);
  });
  return {
    frames,
    inbox,
    ended: ended.promise,
    send: (...entries) =>
      void call.write({
        $typeName: "weft.agent.v1.SessionRequest",
        entries: entries.map((entry) => create(OrchestratorEntrySchema, entry)),
      }),
    next: async <K extends EntryKind>(kind: K) =>
      ((await inbox.next(kind)) as { readonly value: EntryOf<K> }).value,
  };
}

function claimer({ send, next }: Line): TestOrchestrator["claim"] {
  return (shard, epoch) => {
    send({ entry: { case: "claim", value: { shard, epoch } } });
    return next("inFlight");
  };
}

function dispatcher({ send }: Line, ownEpoch: bigint): TestOrchestrator["dispatch"] {
  let count = 0;
  return (capability, input, options = {}) => {
    const { dispatchId = `execution-${++count}/step/1/1`, shard = 0, epoch = ownEpoch } = options;
    const value = {
      dispatchId,
      shard,
      epoch,
      capability,
      namespace: "default",
      workflow: "test",
      input: Buffer.from(JSON.stringify(input)),
      timeLeftMs: BigInt(options.timeLeftMs ?? 60_000),
    };
    send({ entry: { case: "dispatch", value } });
    return dispatchId;
  };
}

/** A pong comes after everything that the agent had to say to what was sent before the ping. */
function pinger({ send, next, inbox }: Line): TestOrchestrator["untaken"] {
  let nonce = 0n;
  return async () => {
    send({ entry: { case: "ping", value: { nonce: ++nonce } } });
    await next("pong");
    return [...inbox.left];
  };
}
