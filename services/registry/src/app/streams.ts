import type { Agent } from "../core/agent.ts";
import type { AttachEnd, Event } from "../core/event.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { AgentStream } from "./attachment.ts";

/** Numbers attaches, and owns the streams of those that have one. A stream is in it until it is lost or ended. */
export class Streams {
  readonly #streams = new Map<number, AgentStream>();
  #attaches = 0;

  /** The number of a new attach, by a stream or without one. */
  add(stream: AgentStream | undefined): number {
    const attach = ++this.#attaches;
    if (stream) this.#streams.set(attach, stream);
    return attach;
  }

  /** The stream is lost, or its agent has ended it. */
  drop(attach: number): void {
    this.#streams.delete(attach);
  }

  /** Tells the streams what an event means to them. */
  follow(agent: Agent, event: Event): void {
    if (event.kind === "attach.ended") {
      const stream = this.#streams.get(event.attach);
      this.#streams.delete(event.attach);
      stream?.end(endings[event.cause]);
    }
    if (event.kind === "agent.draining" && event.asked && "attach" in agent && agent.attach !== undefined)
      this.#streams.get(agent.attach)?.drain();
  }

  /** Ends every stream. */
  stop(reason: Rejection): void {
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const stream of streams) stream.end(reason);
  }
}

const endings: Readonly<Record<AttachEnd, Rejection>> = {
  superseded: rejection("SUPERSEDED", "a newer attach of this agent took over"),
  deregistered: rejection("DEREGISTERED", "this agent was deregistered"),
  lease_ended: rejection("LEASE_ENDED", "no heartbeat came within the lease; attach again"),
};
