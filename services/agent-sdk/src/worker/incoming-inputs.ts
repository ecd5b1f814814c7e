import type { Dispatch as DispatchMessage } from "@weft/proto/weft/agent/v1/agent_pb";
import { type Breach, type Chunk, isBreach, Reassembly } from "@weft/runtime/payload-chunks";
import { Window } from "@weft/runtime/payload-credit";
import type { Flow } from "./core/handshake.ts";
import type { Dispatch } from "./core/input.ts";

/** The inputs of one session: puts them together from their chunks, and grants credit for more. */
export class IncomingInputs {
  readonly #flow: Flow;
  readonly #reassembly: Reassembly;
  readonly #window = new Window();

  constructor(flow: Flow, inputBytesMax: number) {
    this.#flow = flow;
    this.#reassembly = new Reassembly(inputBytesMax);
  }

  chunk(chunk: Chunk): Breach | undefined {
    if (!this.#flow.chunks) return { reason: "CHUNK_MISPLACED", message: "chunks were not agreed on" };
    return this.#receive(chunk.data) ?? this.#reassembly.add(chunk);
  }

  /** The dispatch with the whole of its input. */
  dispatch(message: DispatchMessage): Dispatch | Breach {
    const { dispatchId, chunkedBytes } = message;
    const problem = this.#receive(message.input);
    if (problem) return problem;
    const input = this.#reassembly.take(dispatchId, message.input, chunkedBytes);
    if (input === message.input) return message;
    return isBreach(input) ? input : { ...message, input };
  }

  /** Bytes to be granted now; 0: none yet. */
  grant(): number {
    return this.#flow.credit ? this.#window.grant() : 0;
  }

  #receive({ byteLength }: Uint8Array): Breach | undefined {
    if (!this.#flow.credit || this.#window.receive(byteLength)) return undefined;
    const message = "the orchestrator has sent more bytes of inputs than it was granted";
    return { reason: "CREDIT_EXCEEDED", message };
  }
}
