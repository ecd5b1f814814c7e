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
 * 1. What is urgent (cancels, acks, pings) goes before dispatches.
 * 2. After a write that was not taken up nothing is written until the stream drains; entries wait here. They
 *    are bounded by the agent's slots and by what it has sent.
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
    const entries = [...this.#urgent, ...this.#dispatches];
    this.#urgent = [];
    this.#dispatches = [];
    let next = 0;
    while (next < entries.length && !this.#isBlocked) {
      const end = frameEnd(entries, next);
      this.#isBlocked = !this.#stream.write(frame(entries.slice(next, end)));
      next = end;
    }
    // Written again later in their order; urgent ones have all gone by then, or wait in front.
    this.#dispatches = entries.slice(next);
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
