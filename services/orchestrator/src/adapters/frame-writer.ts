import type { OrchestratorEntry, SessionRequest } from "@weft/proto/weft/agent/v1/agent_pb";
import type { Outgoing } from "@weft/runtime/grpc";

/** A frame holds at most this much, or one entry that is larger alone. */
const frameBytesMax = 256 * 1024;
/** What an entry takes beside its input, roughly and on the high side. */
const entryBytes = 256;

type Entry = OrchestratorEntry["entry"];

/**
 * Gathers what one commit releases, or one callback asks for, and writes it as frames.
 *
 * 1. What is urgent (cancels, extensions, acks, pings) goes before dispatches, but never before the dispatch
 *    that it is about: the agent would not know what it is told of.
 * 2. After a write that was not taken up nothing is written until the stream drains; entries wait here, in their
 *    order. They are bounded by the agent's slots and by what it has sent.
 */
export class FrameWriter {
  readonly #stream: Outgoing<SessionRequest>;
  readonly #ackOf: (dispatchIds: string[]) => Entry;
  #urgent: Entry[] = [];
  #acks: string[] = [];
  #dispatches: Entry[] = [];
  #isScheduled = false;
  #isBlocked = false;

  constructor(stream: Outgoing<SessionRequest>, ackOf: (dispatchIds: string[]) => Entry) {
    this.#stream = stream;
    this.#ackOf = ackOf;
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
    const waits = this.#dispatches.some(
      (one) => one.case === "dispatch" && one.value.dispatchId === dispatchId,
    );
    if (waits) this.dispatch(entry);
    else this.urgent(entry);
  }

  ack(dispatchId: string): void {
    this.#acks.push(dispatchId);
    this.#schedule();
  }

  dispatch(entry: Entry): void {
    this.#dispatches.push(entry);
    this.#schedule();
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
    if (this.#acks.length > 0) this.#urgent.push(this.#ackOf(this.#acks));
    this.#acks = [];
    const urgentCount = this.#urgent.length;
    const entries = [...this.#urgent, ...this.#dispatches];
    let next = 0;
    while (next < entries.length && !this.#isBlocked) {
      const end = frameEnd(entries, next);
      this.#isBlocked = !this.#stream.write(frame(entries.slice(next, end)));
      next = end;
    }
    this.#urgent = entries.slice(next, Math.max(next, urgentCount));
    this.#dispatches = entries.slice(Math.max(next, urgentCount));
  }
}

function frameEnd(entries: readonly Entry[], start: number): number {
  let bytes = 0;
  for (let index = start; index < entries.length; index++) {
    bytes += bytesOf(entries[index]!);
    if (bytes > frameBytesMax && index > start) return index;
  }
  return entries.length;
}

function bytesOf(entry: Entry): number {
  return entryBytes + (entry.case === "dispatch" ? entry.value.input.length : 0);
}

/** Built by hand: `create` would cost as much as the encoding. */
function frame(entries: readonly Entry[]): SessionRequest {
  return {
    $typeName: "weft.agent.v1.SessionRequest",
    entries: entries.map((entry) => ({
      $typeName: "weft.agent.v1.OrchestratorEntry",
      mustUnderstand: false,
      entry,
    })),
  };
}
