import { create } from "@bufbuild/protobuf";
import {
  type AgentEntry,
  AgentService,
  OrchestratorEntrySchema,
  type SessionResponse,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { createChannel, type RpcError } from "@weft/runtime/grpc";
import type { OrchestratorEntryInit } from "../testing/index.ts";

export type Greeting = { readonly features?: readonly string[]; readonly payloadBytesMax?: number };

type Entry = AgentEntry["entry"];
type EntryOf<K extends Entry["case"]> = Extract<Entry, { readonly case: K }>;

/** An orchestrator that greets, claims shard 0, and from then on says and grants only what the test tells it to. */
export class HandOrchestrator {
  readonly frames: SessionResponse[] = [];
  /** How the agent ended the session. */
  readonly ended: Promise<RpcError | undefined>;
  readonly #call;
  #heard = (): void => {};
  #nonce = 0n;

  constructor(
    address: string,
    { features = ["chunks", "credit"], payloadBytesMax = 1024 * 1024 }: Greeting = {},
  ) {
    const channel = createChannel({ address, exclusive: true });
    this.#call = channel.client(AgentService).session();
    this.ended = new Promise<RpcError | undefined>((resolve) => this.#call.onEnd(resolve)).finally(() =>
      channel.close(),
    );
    this.#call.onMessage((frame) => {
      this.frames.push(frame);
      this.#heard();
    });
    const versions = { min: 1, max: 1 };
    const hello = { orchestratorId: "o", versions, features: [...features], payloadBytesMax };
    this.send(
      { entry: { case: "hello", value: hello } },
      { entry: { case: "claim", value: { shard: 0, epoch: 1n } } },
    );
  }

  get entries(): readonly Entry[] {
    return this.frames.flatMap(({ entries }) => entries.map(({ entry }) => entry));
  }

  /** What has come of payloads, in chunks and in successes. */
  get payloadBytes(): number {
    const [chunks, successes] = [this.all("chunk"), this.all("succeeded")];
    return [...chunks.map(({ data }) => data), ...successes.map(({ output }) => output)].reduce(
      (total, { byteLength }) => total + byteLength,
      0,
    );
  }

  /** What the agent has granted. */
  get granted(): number {
    return this.all("credit").reduce((total, { bytes }) => total + bytes, 0);
  }

  get succeeded() {
    return this.all("succeeded");
  }

  all<K extends Exclude<Entry["case"], undefined>>(kind: K): EntryOf<K>["value"][] {
    return this.entries
      .filter((entry) => entry.case === kind)
      .map(({ value }) => value as EntryOf<K>["value"]);
  }

  /** Sends entries in one frame. */
  send(...entries: OrchestratorEntryInit[]): void {
    this.#call.write({ entries: entries.map((entry) => create(OrchestratorEntrySchema, entry)) });
  }

  grant(bytes: number): void {
    this.send({ entry: { case: "credit", value: { bytes } } });
  }

  /** Resolves when a frame has come that makes it true. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#heard = resolve));
  }

  /** Resolves when the agent has answered everything that was sent before. */
  async ping(): Promise<void> {
    const asked = ++this.#nonce;
    this.send({ entry: { case: "ping", value: { nonce: asked } } });
    await this.until(() => this.all("pong").some(({ nonce }) => nonce === asked));
  }
}
