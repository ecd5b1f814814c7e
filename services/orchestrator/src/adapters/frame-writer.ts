import type { Dispatch, OrchestratorEntry, SessionRequest } from "@weft/proto/weft/agent/v1/agent_pb";
import type { Outgoing } from "@weft/runtime/grpc";
import type { Allowance } from "@weft/runtime/payload-credit";
import { requestOf } from "./agent-entries.ts";
import { isLarge, LargeInputs, partBytesMax } from "./large-inputs.ts";

/** A frame holds at most this much, or one entry that is larger alone. */
export const frameBytesMax = 256 * 1024;
/** What an entry takes beside what varies in it, on the high side. */
const entryBytes = 256;
/** A dispatch id among others, on the high side. */
const idBytes = 160;
const idsPerAckMax = 1_000;

type Entry = OrchestratorEntry["entry"];

export type FrameWriterOptions = {
  readonly ackOf: (dispatchIds: string[]) => Entry;
  /** The agent knows chunks. */
  readonly chunks: boolean;
  /** What the agent takes of inputs. */
  readonly allowance: Allowance;
};

/**
 * Gathers what one commit releases, or one callback asks for, and writes it as frames.
 *
 * 1. What is urgent (cancels, extensions, acks, pings, credit) goes before dispatches and chunks, but never before
 *    the dispatch that it is about: the agent would not know what it is told of.
 * 2. Large inputs go in chunks, one in a turn of the event loop, so that what comes up meanwhile goes before the
 *    next. Dispatches and chunks go only as far as the agent's credit does.
 * 3. After a write that was not taken up nothing is written until the stream drains; entries wait here, in their
 *    order. They are bounded by the agent's slots and by what it has sent.
 */
export class FrameWriter {
  readonly #stream: Outgoing<SessionRequest>;
  readonly #options: FrameWriterOptions;
  readonly #large = new LargeInputs();
  #urgent: Entry[] = [];
  #acks: string[] = [];
  #dispatches: Entry[] = [];
  #isScheduled = false;
  #isBlocked = false;
  /** A chunk was written in this turn. */
  #isResting = false;

  constructor(stream: Outgoing<SessionRequest>, options: FrameWriterOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.onDrain(() => {
      this.#isBlocked = false;
      this.#flush();
    });
  }

  urgent(entry: Entry): void {
    this.#urgent.push(entry);
    this.#schedule();
  }

  /** What concerns a dispatch: urgent, unless that dispatch still waits here. */
  about(dispatchId: string, entry: Entry): void {
    if (this.#large.follow(dispatchId, entry)) return;
    const waits = this.#dispatches.some(
      (one) => one.case === "dispatch" && one.value.dispatchId === dispatchId,
    );
    if (!waits) return this.urgent(entry);
    this.#dispatches.push(entry);
    this.#schedule();
  }

  ack(dispatchId: string): void {
    this.#acks.push(dispatchId);
    this.#schedule();
  }

  /** `dispatch` is without its input, which is `text`. */
  dispatch(dispatch: Dispatch, text: string): void {
    if (this.#options.chunks && isLarge(text)) this.#large.add(dispatch, text);
    else {
      dispatch.input = Buffer.from(text);
      this.#dispatches.push({ case: "dispatch", value: dispatch });
    }
    this.#schedule();
  }

  /** The agent has given credit. */
  resume(): void {
    if (this.#dispatches.length > 0 || !this.#large.isEmpty) this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isBlocked) return;
    this.#isScheduled = true;
    // Not setImmediate: a commit releases all it holds in one go, and what it releases to agents should not
    // wait for the answers to backends that the same turn still writes.
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#isBlocked) {
      const { entries } = this.#takeFrame();
      if (entries.length === 0) return;
      this.#isBlocked = !this.#stream.write(requestOf(entries));
    }
  }

  #takeFrame(): Frame {
    const frame: Frame = { entries: [], bytes: 0 };
    this.#gatherAcks();
    this.#urgent = putWhile(frame, this.#urgent, () => true);
    if (this.#urgent.length > 0) return frame;
    this.#takeChunk(frame);
    this.#dispatches = putWhile(frame, this.#dispatches, (entry) =>
      this.#options.allowance.take(entry.case === "dispatch" ? entry.value.input.length : 0),
    );
    return frame;
  }

  #gatherAcks(): void {
    for (let start = 0; start < this.#acks.length; start += idsPerAckMax)
      this.#urgent.push(this.#options.ackOf(this.#acks.slice(start, start + idsPerAckMax)));
    this.#acks = [];
  }

  #takeChunk(frame: Frame): void {
    if (this.#isResting || frame.bytes + partBytesMax > frameBytesMax) return;
    const part = this.#large.next(this.#options.allowance);
    if (!part) return;
    frame.entries.push(...part.entries);
    frame.bytes += partBytesMax;
    this.#urgent.push(...part.followers);
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      this.#flush();
    });
  }
}

type Frame = { readonly entries: Entry[]; bytes: number };

/** Puts entries into the frame while they fit and may go; returns those that are left. */
function putWhile(frame: Frame, entries: Entry[], mayGo: (entry: Entry) => boolean): Entry[] {
  let taken = 0;
  for (const entry of entries) {
    const bytes = bytesOf(entry);
    const fits = frame.bytes + bytes <= frameBytesMax || frame.entries.length === 0;
    if (!fits || !mayGo(entry)) break;
    frame.entries.push(entry);
    frame.bytes += bytes;
    taken++;
  }
  return taken === 0 ? entries : entries.slice(taken);
}

function bytesOf(entry: Entry): number {
  switch (entry.case) {
    case "dispatch": {
      const { dispatchId, capability, namespace, workflow, input } = entry.value;
      return (
        entryBytes + dispatchId.length + capability.length + namespace.length + workflow.length + input.length
      );
    }
    case "resultAck":
      return entryBytes + entry.value.dispatchIds.length * idBytes;
    case "cancel":
      return entryBytes + entry.value.reason.length * 3;
    case "unsupported":
      return entryBytes + entry.value.message.length * 3;
    default:
      return entryBytes;
  }
}
