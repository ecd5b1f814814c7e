import type { Dispatch, OrchestratorEntry } from "@weft/proto/weft/agent/v1/agent_pb";
import { chunkAt, chunkBytesMax } from "@weft/runtime/payload-chunks";
import type { Allowance } from "@weft/runtime/payload-credit";

type Entry = OrchestratorEntry["entry"];

/** A dispatch whose input goes ahead of it, and what is about it and has to stay behind it. */
type LargeInput = { readonly dispatch: Dispatch; readonly text: string; readonly followers: Entry[] };

/** What of a waiting input is due: `followers` may go as soon as `entries` have gone. */
export type Part = { readonly entries: readonly Entry[]; readonly followers: readonly Entry[] };

/**
 * Dispatches whose inputs travel in chunks, one after the other, in their order. Only the first is encoded: the
 * others' text is the execution's, and takes no memory here.
 */
export class LargeInputs {
  #waiting: LargeInput[] = [];
  /** Of the first. */
  #payload: Uint8Array | undefined;
  #sentBytes = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** `dispatch` is without its input. */
  add(dispatch: Dispatch, text: string): void {
    this.#waiting.push({ dispatch, text, followers: [] });
  }

  /** Keeps an entry behind the dispatch that it is about; false: that does not wait here. */
  follow(dispatchId: string, entry: Entry): boolean {
    const found = this.#waiting.find(({ dispatch }) => dispatch.dispatchId === dispatchId);
    found?.followers.push(entry);
    return found !== undefined;
  }

  /** The next chunk, and with the last one its dispatch; undefined when there is none, or no credit for it. */
  next(allowance: Allowance): Part | undefined {
    const first = this.#waiting[0];
    if (!first) return undefined;
    this.#payload ??= Buffer.from(first.text);
    const payload = this.#payload;
    const chunk = chunkAt(first.dispatch.dispatchId, payload, this.#sentBytes);
    if (!allowance.take(chunk.data.byteLength)) return undefined;
    this.#sentBytes += chunk.data.byteLength;
    const entry: Entry = { case: "chunk", value: { $typeName: "weft.agent.v1.Chunk", ...chunk } };
    if (this.#sentBytes < payload.byteLength) return { entries: [entry], followers: [] };
    this.#waiting.shift();
    this.#payload = undefined;
    this.#sentBytes = 0;
    const value = { ...first.dispatch, chunkedBytes: payload.byteLength };
    return { entries: [entry, { case: "dispatch", value }], followers: first.followers };
  }
}

/** Whether an input has to be cut. Short texts are not counted: a UTF-16 unit takes at most three bytes. */
export function isLarge(text: string): boolean {
  return text.length > chunkBytesMax / 3 && Buffer.byteLength(text) > chunkBytesMax;
}

/** What a part takes in a frame at most, with a dispatch. */
export const partBytesMax = chunkBytesMax + 1024;
