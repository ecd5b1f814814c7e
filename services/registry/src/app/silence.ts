import type { Logger } from "@weft/runtime/logger";
import type { LiveAgent } from "../core/agent.ts";
import { isMassSilence, isSilent } from "../core/mass-silence.ts";

/** The share of a lease for which a count holds: leases that end in a row must not count all agents each. */
const recountShare = 0.01;

/** Counts who is silent. It owns the last count. */
export class Silence {
  readonly #leaseMs: number;
  readonly #agents: ReadonlyMap<string, LiveAgent>;
  readonly #logger: Logger;
  #countedAt = Number.NEGATIVE_INFINITY;
  #isMass = false;

  constructor(leaseMs: number, agents: ReadonlyMap<string, LiveAgent>, logger: Logger) {
    this.#logger = logger;
    this.#leaseMs = leaseMs;
    this.#agents = agents;
  }

  /** Whether most agents are silent at this moment. */
  isMass(at: number): boolean {
    if (at - this.#countedAt < this.#leaseMs * recountShare) return this.#isMass;
    let silent = 0;
    for (const agent of this.#agents.values()) if (isSilent(agent, at, this.#leaseMs)) silent++;
    this.#countedAt = at;
    this.#judge(silent, this.#agents.size);
    return this.#isMass;
  }

  #judge(silent: number, agents: number): void {
    const isMass = isMassSilence(silent, agents);
    if (isMass && !this.#isMass)
      this.#logger.warn({ silent, agents }, "most agents are silent; they are kept as suspect");
    if (!isMass && this.#isMass) this.#logger.info({ silent, agents }, "most agents are heard again");
    this.#isMass = isMass;
  }
}
