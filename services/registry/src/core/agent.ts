import type { Health } from "./health.ts";
import type { Registration } from "./registration.ts";

type Recorded = {
  readonly registration: Registration;
  /** As the agent last said. */
  readonly freeSlots: number;
  /** For how long its event loop was held up of late, as it last said; absent: it does not say. */
  readonly loopLagMs?: number | undefined;
  readonly health: Health;
};

type Leased = Recorded & {
  /** The last sign of life, in monotonic milliseconds. */
  readonly heardAt: number;
  /** Monotonic milliseconds. */
  readonly leaseEndsAt: number;
  /** Earlier incarnations that this one replaced. */
  readonly replaced: readonly string[];
};

type Attached = Leased & {
  /** The number of the attach by which it is heard. */
  readonly attach: number;
};

/**
 * JOINING: no probe has answered yet, so it gets no work. UNHEALTHY: it is heard, but probes fail, so it gets
 * no new work. DRAINING: it finishes its work and takes no more, until it leaves.
 */
type HeardState = "JOINING" | "READY" | "UNHEALTHY" | "DRAINING";

/** An agent that the registry knows, as a fact at one moment: a change makes a new record. */
export type Agent =
  | (Attached & { readonly state: HeardState })
  /** It may come back until its lease ends: its stream was lost, or it is silent as most others are. */
  | (Leased & {
      readonly state: "SUSPECT";
      readonly draining: boolean;
      /** Undefined: its stream was lost. */
      readonly attach: number | undefined;
    })
  | (Recorded & { readonly state: "GONE" });

export type AgentState = Agent["state"];

/** An agent that is not gone. */
export type LiveAgent = Exclude<Agent, { readonly state: "GONE" }>;

/**
 * Which state may follow which. A state follows itself when the agent attaches anew, and SUSPECT when the
 * stream of a silent agent is lost too.
 */
export const transitions: Readonly<Record<AgentState | "UNKNOWN", readonly AgentState[]>> = {
  UNKNOWN: ["JOINING", "READY"],
  JOINING: ["JOINING", "READY", "UNHEALTHY", "DRAINING", "SUSPECT", "GONE"],
  READY: ["READY", "UNHEALTHY", "DRAINING", "SUSPECT", "GONE"],
  UNHEALTHY: ["UNHEALTHY", "READY", "DRAINING", "SUSPECT", "GONE"],
  DRAINING: ["DRAINING", "SUSPECT", "GONE"],
  SUSPECT: ["SUSPECT", "JOINING", "READY", "UNHEALTHY", "DRAINING", "GONE"],
  GONE: ["JOINING", "READY"],
};

/** Whether it drains, or drained when its stream was lost: draining ends with the incarnation only. */
export function isDraining(agent: Agent): boolean {
  return agent.state === "DRAINING" || (agent.state === "SUSPECT" && agent.draining);
}

/** The state of an agent that is heard. */
export function heardState(draining: boolean, { verdict }: Health): HeardState {
  return draining ? "DRAINING" : byVerdict[verdict];
}

const byVerdict: Readonly<Record<Health["verdict"], HeardState>> = {
  UNKNOWN: "JOINING",
  HEALTHY: "READY",
  UNHEALTHY: "UNHEALTHY",
};
