import type { Succeeded } from "@weft/proto/weft/agent/v1/agent_pb";
import { type Breach, type Chunk, isBreach, Reassembly } from "@weft/runtime/payload-chunks";
import { Window } from "@weft/runtime/payload-credit";

/** How payloads travel on a session. */
export type Flow = { readonly chunks: boolean; readonly credit: boolean };

/** Outputs of one agent that are in memory and not yet durable; beyond it no credit is given. */
export const heldBytesMax = 4 * 1024 * 1024;
/** Smaller outputs are not held: to count them would cost more than they take, and slots bound their number. */
const heldFromBytes = 4 * 1024;

/**
 * The outputs of one session: puts them together from their chunks, and gives credit for more.
 *
 * 1. An output is held until it is acked, at the latest until `age` was called twice: an execution in quarantine
 *    never acks, and its agent must not stand still for that.
 * 2. While outputs of heldBytesMax are held, nothing is granted: a slow disk slows its agents.
 */
export class IncomingResults {
  readonly #flow: Flow;
  readonly #reassembly: Reassembly;
  readonly #window = new Window();
  /** Bytes by dispatch id. */
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #heldBytes = 0;

  constructor(flow: Flow, payloadBytesMax: number) {
    this.#flow = flow;
    this.#reassembly = new Reassembly(payloadBytesMax);
  }

  chunk(chunk: Chunk): Breach | undefined {
    if (!this.#flow.chunks) return { reason: "CHUNK_MISPLACED", message: "chunks were not agreed on" };
    return this.#receive(chunk.data) ?? this.#reassembly.add(chunk);
  }

  /** The success with the whole of its output. */
  success(message: Succeeded): Succeeded | Breach {
    const { dispatchId, chunkedBytes } = message;
    const problem = this.#receive(message.output);
    if (problem) return problem;
    const output = this.#reassembly.take(dispatchId, message.output, chunkedBytes);
    if (isBreach(output)) return output;
    if (this.#flow.credit && output.byteLength >= heldFromBytes) this.#hold(dispatchId, output.byteLength);
    return output === message.output ? message : { ...message, output };
  }

  /** False: it held nothing, and there is no more to grant than before. */
  acked(dispatchId: string): boolean {
    if (this.#heldBytes === 0) return false;
    const bytes = this.#young.get(dispatchId) ?? this.#old.get(dispatchId);
    if (bytes === undefined) return false;
    this.#heldBytes -= bytes;
    return this.#young.delete(dispatchId) || this.#old.delete(dispatchId);
  }

  age(): void {
    for (const bytes of this.#old.values()) this.#heldBytes -= bytes;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Bytes to be granted now; 0: none yet. */
  grant(): number {
    return this.#flow.credit && this.#heldBytes < heldBytesMax ? this.#window.grant() : 0;
  }

  /** An agent may say the same again. */
  #hold(dispatchId: string, bytes: number): void {
    this.acked(dispatchId);
    this.#young.set(dispatchId, bytes);
    this.#heldBytes += bytes;
  }

  #receive({ byteLength }: Uint8Array): Breach | undefined {
    if (!this.#flow.credit || this.#window.receive(byteLength)) return undefined;
    return {
      reason: "CREDIT_EXCEEDED",
      message: "the agent has sent more bytes of outputs than it was granted",
    };
  }
}
