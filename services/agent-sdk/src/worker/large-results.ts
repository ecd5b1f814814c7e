import { type Chunk, chunkAt } from "@weft/runtime/payload-chunks";
import type { Allowance } from "@weft/runtime/payload-credit";
import { type Frame, fits, put, textBytesMax } from "./frame.ts";
import { chunkEntry, chunkedResultEntry } from "./messages.ts";

/**
 * Outputs that travel in chunks: one after the other, in the order in which they were added. It holds the
 * outputs that the worker keeps, not copies.
 */
export class LargeResults {
  readonly #outputs = new Map<string, Uint8Array>();
  /** Of the first of them. */
  #sentBytes = 0;

  /** One that is on its way already is the same, and goes on. */
  add(dispatchId: string, output: Uint8Array): void {
    this.#outputs.set(dispatchId, output);
  }

  /** Puts the next chunk into the frame, and behind the last one its success. False: nothing was due, or fitted. */
  take(frame: Frame, allowance: Allowance): boolean {
    const [first] = this.#outputs;
    if (!first) return false;
    const [dispatchId, output] = first;
    const chunk = chunkAt(dispatchId, output, this.#sentBytes);
    const idBytes = textBytesMax(dispatchId);
    const bytes = chunk.data.byteLength + idBytes;
    if (!fits(frame, bytes + idBytes + successBytes) || !allowance.take(chunk.data.byteLength)) return false;
    put(frame, chunkEntry(chunk), bytes);
    this.#sentBytes += chunk.data.byteLength;
    if (isLast(chunk)) {
      put(frame, chunkedResultEntry(dispatchId, output.byteLength), idBytes);
      this.#outputs.delete(dispatchId);
      this.#sentBytes = 0;
    }
    return true;
  }
}

/** Room for the success behind a last chunk, beside its id. */
const successBytes = 64;

function isLast({ offset, data, totalBytes }: Chunk): boolean {
  return offset + data.byteLength === totalBytes;
}
