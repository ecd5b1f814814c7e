import type { FailureCode } from "../core/failure.ts";
import type { Dispatch } from "./agents.ts";
import type { AgentEnd, HandSession } from "./hand-agents.fixture.ts";

/**
 * An agent's process as the protocol wants it: it outlives orchestrators, keeps what it runs over a cut session
 * and every result until it is acked.
 */
export class AgentProcess implements AgentEnd {
  readonly #slots: number;
  readonly #running = new Set<string>();
  readonly #finished = new Map<string, Outcome>();
  /** Everything that was ever handed to it, over all its sessions. */
  readonly taken: string[] = [];
  readonly acked: string[] = [];
  /** What its handlers have put off, and the orchestrator knows: somebody has to complete it. */
  readonly putOff: string[] = [];
  /** How often it had no slot left. */
  refused = 0;
  #session: HandSession | undefined;

  constructor(slots: number) {
    this.#slots = slots;
  }

  connect(session: HandSession): void {
    this.#session = session;
    session.process = this;
    const finished = [...this.#finished.keys()];
    session.open({ running: [...this.#running], finished });
    for (const id of finished) this.#tell(id);
  }

  /** The orchestrator has died: what it still says, nobody hears, and the other way round. */
  disconnect(): void {
    if (this.#session) {
      this.#session.isOpen = false;
      this.#session.process = undefined;
    }
    this.#session = undefined;
  }

  dispatch({ dispatchId }: Dispatch): void {
    if (this.taken.includes(dispatchId)) throw new Error(`${dispatchId} came twice`);
    if (this.#running.size >= this.#slots) {
      this.refused++;
      return this.#session?.reject(dispatchId, "FULL");
    }
    this.taken.push(dispatchId);
    this.#running.add(dispatchId);
  }

  cancel(dispatchId: string): void {
    if (this.#running.delete(dispatchId)) this.#finish(dispatchId, "CANCELLED");
  }

  ack(dispatchId: string): void {
    if (this.#finished.get(dispatchId) === "LATER") this.putOff.push(dispatchId);
    if (this.#finished.delete(dispatchId)) this.acked.push(dispatchId);
  }

  /** The handler that runs longest returns. False: none runs. */
  work(outcome: Outcome = "OK"): boolean {
    const [first] = this.#running;
    if (first === undefined) return false;
    this.#running.delete(first);
    this.#finish(first, outcome);
    return true;
  }

  #finish(dispatchId: string, outcome: Outcome): void {
    this.#finished.set(dispatchId, outcome);
    this.#tell(dispatchId);
  }

  #tell(dispatchId: string): void {
    const outcome = this.#finished.get(dispatchId) ?? "OK";
    if (outcome === "LATER") this.#session?.later(dispatchId);
    else if (outcome === "OK") this.#session?.succeed(dispatchId, JSON.stringify(dispatchId.split("/")[1]));
    else this.#session?.fail(dispatchId, outcome);
  }
}

type Outcome = "OK" | "LATER" | FailureCode;
