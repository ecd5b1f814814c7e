/**
 * What waits to go to one orchestrator. The outbox owns the order: control entries as they came, then
 * accepted, progress, a chunk of a large result, and small results, packed into frames.
 *
 * Invariants
 *  1. A frame is at most frameBytesMax, or one entry that is larger alone.
 *  2. Everything but chunks is written in the turn of the event loop that it was added in, unless the stream
 *     asked to wait; then it gathers until the stream drains. Of chunks one is written in a turn, so that
 *     what comes up meanwhile goes before the next.
 *  3. Of each dispatch at most one progress and one result wait, and no progress beside its result; an
 *     `accepted` that has not left is dropped when the result is added, which says the same.
 *  4. What gathers is bounded: pongs by pongsMax (the oldest go first), progress and accepted by the
 *     agent's slots, results by what the worker keeps, other entries by controlEntriesMax, beyond which the
 *     session ends: its results are kept and sent again to whoever claims the shard.
 *  5. Results leave only as far as the orchestrator's credit goes; nothing else needs any.
 */
import type { AgentEntry, SessionResponse } from "@weft/proto/weft/agent/v1/agent_pb";
import type { Outgoing } from "@weft/runtime/grpc";
import { chunkBytesMax } from "@weft/runtime/payload-chunks";
import { Allowance } from "@weft/runtime/payload-credit";
import type { SessionEffect } from "./core/effect.ts";
import { type Flow, plainFlow } from "./core/handshake.ts";
import type { Outcome } from "./core/outcome.ts";
import {
  type Frame,
  fits,
  newFrame,
  outputBytes,
  put,
  resultBytesMax,
  room,
  textBytesMax,
  textsBytesMax,
} from "./frame.ts";
import { LargeResults } from "./large-results.ts";
import { acceptedEntry, loadEntry, pongEntry, progressEntry, resultEntry } from "./messages.ts";

type Progress = Extract<SessionEffect, { readonly kind: "progress" }>;
type Load = Extract<SessionEffect, { readonly kind: "load" }>;

const pongsMax = 16;
const controlEntriesMax = 16_384;

export class Outbox {
  readonly #stream: Outgoing<SessionResponse>;
  readonly #overflow: () => void;
  readonly #control: { readonly entry: AgentEntry; readonly bytes: number }[] = [];
  readonly #pongs: bigint[] = [];
  readonly #accepted = new Set<string>();
  readonly #progress = new Map<string, Progress>();
  readonly #results = new Map<string, Outcome>();
  readonly #large = new LargeResults();
  #flow = plainFlow;
  #allowance = new Allowance(false);
  #load: Load | undefined;
  #writable = true;
  #scheduled = false;
  /** A chunk was written in this turn. */
  #isResting = false;

  /** `overflow` is called when the orchestrator reads so slowly that the session has to end. */
  constructor(stream: Outgoing<SessionResponse>, overflow: () => void) {
    this.#stream = stream;
    this.#overflow = overflow;
    stream.onDrain(() => {
      this.#writable = true;
      this.flush();
    });
  }

  /** How results travel from now on; before any is added. */
  agree(flow: Flow): void {
    this.#flow = flow;
    this.#allowance = new Allowance(flow.credit);
  }

  /** The orchestrator takes so many bytes of results more. */
  credit(bytes: number): void {
    this.#allowance.grant(bytes);
    this.#schedule();
  }

  /** `bytes` is an upper bound of the entry's size. */
  control(entry: AgentEntry, bytes: number): void {
    if (this.#control.length >= controlEntriesMax) return this.#overflow();
    this.#control.push({ entry, bytes });
    this.#schedule();
  }

  pong(nonce: bigint): void {
    if (this.#pongs.length >= pongsMax) this.#pongs.shift();
    this.#pongs.push(nonce);
    this.#schedule();
  }

  load(load: Load): void {
    this.#load = load;
    this.#schedule();
  }

  accepted(dispatchId: string): void {
    this.#accepted.add(dispatchId);
    this.#schedule();
  }

  progress(progress: Progress): void {
    this.#progress.set(progress.dispatchId, progress);
    this.#schedule();
  }

  result(dispatchId: string, outcome: Outcome): void {
    this.#accepted.delete(dispatchId);
    this.#progress.delete(dispatchId);
    if (this.#flow.chunks && outcome.status === "succeeded" && outcome.output.byteLength > chunkBytesMax)
      this.#large.add(dispatchId, outcome.output);
    else this.#results.set(dispatchId, outcome);
    this.#schedule();
  }

  /** Writes what the stream takes now. */
  flush(): void {
    while (this.#writable) {
      const { entries } = this.#takeFrame();
      if (entries.length === 0) return;
      this.#writable = this.#stream.write({ $typeName: "weft.agent.v1.SessionResponse", entries });
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A tick asked for by a microtask runs when no microtask is left: what handlers answer at once goes along.
    // Not setImmediate: HTTP/2 would then send a whole turn of the event loop later.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#scheduled = false;
        this.flush();
      }),
    );
  }

  #takeFrame(): Frame {
    const frame = newFrame();
    // What comes later may depend on what comes earlier, so the first that does not fit ends the frame.
    if (this.#takeControl(frame) && this.#takeAccepted(frame) && this.#takeProgress(frame)) {
      this.#takeChunk(frame);
      this.#takeResults(frame);
    }
    return frame;
  }

  #takeChunk(frame: Frame): void {
    if (this.#isResting || !this.#large.take(frame, this.#allowance)) return;
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      this.flush();
    });
  }

  #takeControl(frame: Frame): boolean {
    for (const nonce of this.#pongs.splice(0)) put(frame, pongEntry(nonce), 0);
    if (this.#load) put(frame, loadEntry(this.#load), 0);
    this.#load = undefined;
    let taken = 0;
    for (const { entry, bytes } of this.#control) {
      if (!fits(frame, bytes)) break;
      put(frame, entry, bytes);
      taken++;
    }
    this.#control.splice(0, taken);
    return this.#control.length === 0;
  }

  #takeAccepted(frame: Frame): boolean {
    const ids: string[] = [];
    let bytes = 0;
    for (const id of this.#accepted) {
      const more = textBytesMax(id);
      if (ids.length + frame.entries.length > 0 && bytes + more > room(frame)) break;
      bytes += more;
      ids.push(id);
      this.#accepted.delete(id);
    }
    if (ids.length > 0) put(frame, acceptedEntry(ids), bytes);
    return this.#accepted.size === 0;
  }

  #takeProgress(frame: Frame): boolean {
    for (const [id, progress] of this.#progress) {
      const bytes = textsBytesMax([id, progress.message]);
      if (!fits(frame, bytes)) return false;
      put(frame, progressEntry(progress), bytes);
      this.#progress.delete(id);
    }
    return true;
  }

  #takeResults(frame: Frame): void {
    for (const [id, outcome] of this.#results) {
      const bytes = resultBytesMax(id, outcome);
      if (!fits(frame, bytes) || !this.#allowance.take(outputBytes(outcome))) return;
      put(frame, resultEntry(id, outcome), bytes);
      this.#results.delete(id);
    }
  }
}
