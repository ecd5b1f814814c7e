import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AgentEntrySchema,
  AgentService,
  type OrchestratorEntry,
  type SessionRequest,
  type SessionResponse,
  type WelcomeSchema,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { type Clock, systemClock } from "@weft/runtime/clock";
import { Code, createServer, implement, RpcError, type Server, type ServerDuplex } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { allowAll, anybody } from "@weft/runtime/principal";
import type { AgentSession, SessionListener } from "../app/agents.ts";
import { defaultExecutionLimits } from "../core/limits.ts";
import { agentSessions } from "./agent-sessions.ts";

type Entry = OrchestratorEntry["entry"];
type EntryInit = NonNullable<MessageInitShape<typeof AgentEntrySchema>["entry"]>;
type EntryOf<K extends Entry["case"]> = Extract<Entry, { readonly case: K }>;

/** An agent that answers the greeting by itself and the rest by the test's hand. */
export class HandAgent {
  /** Everything but hello, claims and pings. */
  readonly heard: Entry[] = [];
  pings = 0;
  readonly hellos: EntryOf<"hello">["value"][] = [];
  readonly #welcome: MessageInitShape<typeof WelcomeSchema>;
  readonly #server: Server;
  #stream: ServerDuplex<SessionRequest, SessionResponse> | undefined;
  #waiting = (): void => {};
  #nonce = 0n;

  constructor(welcome: MessageInitShape<typeof WelcomeSchema> = {}) {
    this.#welcome = { incarnation: "i1", slots: 2, version: 1, features: ["later", "extend"], ...welcome };
    const session = (stream: ServerDuplex<SessionRequest, SessionResponse>): void => {
      this.#stream = stream;
      stream.onMessage(({ entries }) => {
        for (const { entry } of entries) this.#take(entry);
        this.#waiting();
      });
      stream.onEnd(() => stream.end());
    };
    const execute = (): never => {
      throw new RpcError(Code.UNIMPLEMENTED, "only sessions here");
    };
    this.#server = createServer({
      implementations: [implement(AgentService, { session, execute })],
      authenticate: anybody({ kind: "service", name: "orchestrator" }),
      policy: allowAll,
      logger: silentLogger,
    });
  }

  async listen(): Promise<string> {
    return `127.0.0.1:${await this.#server.listen("127.0.0.1:0")}`;
  }

  stop(): Promise<void> {
    return this.#server.stop(0);
  }

  /** Says entries in one frame. */
  say(...entries: EntryInit[]): void {
    this.sayRaw(...entries.map((entry) => create(AgentEntrySchema, { entry })));
  }

  sayRaw(...entries: SessionResponse["entries"]): void {
    this.#stream?.write({ $typeName: "weft.agent.v1.SessionResponse", entries });
  }

  all<K extends Exclude<Entry["case"], undefined>>(kind: K): EntryOf<K>["value"][] {
    return this.heard.filter((entry) => entry.case === kind).map(({ value }) => value as EntryOf<K>["value"]);
  }

  /** What the orchestrator has granted. */
  get granted(): number {
    return this.all("credit").reduce((total, { bytes }) => total + bytes, 0);
  }

  /** Resolves when something has been heard that makes it true. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  /** Resolves when the orchestrator has answered everything that was said before. */
  async ping(): Promise<void> {
    const nonce = ++this.#nonce;
    this.say({ case: "ping", value: { nonce } });
    await this.until(() => this.all("pong").some((pong) => pong.nonce === nonce));
  }

  /** What was heard, once it is so much. */
  async entries(count: number): Promise<readonly Entry[]> {
    await this.until(() => this.heard.length >= count);
    return this.heard;
  }

  #take(entry: Entry): void {
    if (entry.case === "hello") {
      this.hellos.push(entry.value);
      this.say({ case: "welcome", value: this.#welcome });
    } else if (entry.case === "claim")
      this.say({ case: "inFlight", value: { shard: entry.value.shard, epoch: entry.value.epoch } });
    else if (entry.case === "ping") this.pings++;
    else this.heard.push(entry);
  }
}

export type Told = readonly [name: string, ...given: readonly unknown[]];

/** An orchestrator's session with one agent, and what it tells the app. */
export class TestSession {
  readonly told: Told[] = [];
  readonly logged: object[] = [];
  readonly session: AgentSession;
  #waiting = (): void => {};

  constructor(address: string, clock: Clock = systemClock) {
    const log = (fields: object): void => {
      this.logged.push(fields);
      this.#waiting();
    };
    const options = {
      cluster: "c",
      orchestratorId: "o",
      shard: 3,
      epoch: 7n,
      payloadBytesMax: defaultExecutionLimits.payloadBytesMax,
      clock,
      random: () => 0.5,
      logger: { ...silentLogger, warn: log, error: log },
    };
    const agent = { agentId: "a1", incarnation: "i1", address, slots: 2, capabilities: [], ready: true };
    this.session = agentSessions(options).connect(agent, this.#listener());
  }

  /** Resolves when something has been told that makes it true. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#waiting = resolve));
  }

  connected(times = 1): Promise<void> {
    return this.until(() => this.told.filter(([name]) => name === "connected").length >= times);
  }

  /** What was told beside the connections, once it is so much. */
  async facts(count: number): Promise<readonly Told[]> {
    const facts = (): Told[] => this.told.filter(([name]) => name !== "connected");
    await this.until(() => facts().length >= count);
    return facts();
  }

  #listener(): SessionListener {
    const record =
      (name: string) =>
      (...given: readonly unknown[]): void => {
        this.told.push([name, ...given]);
        this.#waiting();
      };
    return {
      believedInFlight: () => [],
      connected: record("connected"),
      disconnected: record("disconnected"),
      silenceChanged: record("silenceChanged"),
      succeeded: record("succeeded"),
      failed: record("failed"),
      deferred: record("deferred"),
      rejected: record("rejected"),
      progressed: record("progressed"),
      loadChanged: record("loadChanged"),
      draining: record("draining"),
    };
  }
}
