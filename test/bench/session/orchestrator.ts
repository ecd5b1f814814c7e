import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type AgentEntry,
  AgentService,
  type ChunkSchema,
  OrchestratorEntrySchema,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { createChannel } from "@weft/runtime/grpc";

type Entry = NonNullable<MessageInitShape<typeof OrchestratorEntrySchema>["entry"]>;
type Part = { readonly bytes: number; readonly entry: Entry };
type Chunk = MessageInitShape<typeof ChunkSchema>;

const chunkBytes = 64 * 1024;
const windowBytes = 1024 * 1024;

/** One side of a session, as the contract has it: chunks one in a turn, within credit, behind what is urgent. */
export class BenchOrchestrator {
  readonly #call;
  readonly #isChunked: boolean;
  readonly #waiting: Part[] = [];
  readonly #answers = new Map<string, () => void>();
  #creditBytes = 0;
  #receivedBytes = 0;
  #isPumping = false;
  #count = 0;

  constructor(address: string, isChunked: boolean) {
    this.#isChunked = isChunked;
    this.#call = createChannel({ address, exclusive: true }).client(AgentService).session();
    this.#call.onMessage(({ entries }) => {
      for (const { entry } of entries) this.#take(entry);
    });
    const hello = {
      orchestratorId: `bench-${isChunked}`,
      cluster: String(isChunked),
      versions: { min: 1, max: 1 },
      features: isChunked ? ["chunks", "credit"] : [],
    };
    this.#say({ case: "hello", value: hello }, { case: "claim", value: { shard: 0, epoch: 1n } });
    if (isChunked) this.#say({ case: "credit", value: { bytes: windowBytes } });
  }

  /** Resolves with the answer to a ping. */
  ping(): Promise<void> {
    const nonce = BigInt(++this.#count);
    this.#say({ case: "ping", value: { nonce } });
    return this.#answer(`pong ${nonce}`);
  }

  /** Resolves when a running handler has been cancelled; `running` is called when it is. */
  async cancel(running: () => void): Promise<void> {
    const dispatchId = this.#nextId();
    this.#say({ case: "dispatch", value: this.#dispatchOf(dispatchId, "hang", Buffer.from("1")) });
    await this.#answer(`accepted ${dispatchId}`);
    running();
    this.#say({ case: "cancel", value: { dispatchId, shard: 0, epoch: 1n } });
    await this.#answer(dispatchId);
  }

  /** Gets a payload back for next to nothing. */
  result(): Promise<void> {
    const dispatchId = this.#nextId();
    this.#say({ case: "dispatch", value: this.#dispatchOf(dispatchId, "give", Buffer.from("1")) });
    return this.#answer(dispatchId);
  }

  /** Sends the payload there and gets it back. */
  echo(payload: Buffer): Promise<void> {
    const dispatchId = this.#nextId();
    if (this.#isChunked)
      for (let offset = 0; offset < payload.length; offset += chunkBytes) {
        const data = payload.subarray(offset, offset + chunkBytes);
        const value: Chunk = { dispatchId, totalBytes: payload.length, offset, data };
        this.#waiting.push({ bytes: data.length, entry: { case: "chunk", value } });
      }
    const chunked = { input: Buffer.alloc(0), chunkedBytes: payload.length };
    const whole = this.#dispatchOf(dispatchId, "echo", payload);
    this.#waiting.push({
      bytes: 0,
      entry: { case: "dispatch", value: this.#isChunked ? { ...whole, ...chunked } : whole },
    });
    this.#pump();
    return this.#answer(dispatchId);
  }

  #take(entry: AgentEntry["entry"]): void {
    if (entry.case === "pong") this.#heard(`pong ${entry.value.nonce}`);
    else if (entry.case === "accepted")
      for (const dispatchId of entry.value.dispatchIds) this.#heard(`accepted ${dispatchId}`);
    else if (entry.case === "credit") {
      this.#creditBytes += entry.value.bytes;
      this.#pump();
    } else if (entry.case === "chunk") this.#received(entry.value.data.length);
    else if (entry.case === "succeeded" || entry.case === "failed") {
      const { dispatchId } = entry.value;
      this.#say({ case: "resultAck", value: { shard: 0, epoch: 1n, dispatchIds: [dispatchId] } });
      this.#heard(dispatchId);
    }
  }

  #received(bytes: number): void {
    this.#receivedBytes += bytes;
    if (this.#receivedBytes < windowBytes / 4) return;
    this.#say({ case: "credit", value: { bytes: this.#receivedBytes } });
    this.#receivedBytes = 0;
  }

  #pump(): void {
    if (this.#isPumping) return;
    const next = this.#waiting[0];
    if (!next || (this.#isChunked && next.bytes > this.#creditBytes)) return;
    this.#waiting.shift();
    this.#creditBytes -= next.bytes;
    this.#say(next.entry);
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.#pump();
    });
  }

  #say(...entries: Entry[]): void {
    this.#call.write({ entries: entries.map((entry) => create(OrchestratorEntrySchema, { entry })) });
  }

  #answer(key: string): Promise<void> {
    return new Promise((resolve) => this.#answers.set(key, resolve));
  }

  #heard(key: string): void {
    this.#answers.get(key)?.();
    this.#answers.delete(key);
  }

  #nextId(): string {
    return `e${++this.#count}/s/1/1`;
  }

  #dispatchOf(dispatchId: string, capability: string, input: Buffer) {
    return { dispatchId, shard: 0, epoch: 1n, capability, namespace: "n", workflow: "w", input };
  }
}
