import type { Registration } from "./registration.ts";

type Recorded = {
  readonly registration: Registration;
  /** As the agent last said. */
  readonly freeSlots: number;
};

type Leased = Recorded & {
  /** Monotonic milliseconds. */
  readonly leaseEndsAt: number;
};

type Attached = Leased & {
  /** The number of the attach whose stream it is on. */
  readonly attach: number;
};

/** An agent that the registry knows, as a fact at one moment: a change makes a new record. */
export type Agent =
  | (Attached & { readonly state: "READY" })
  /** Finishes its work and takes no more, until it leaves. */
  | (Attached & { readonly state: "DRAINING" })
  /** Its stream was lost; it may come back until its lease ends. */
  | (Leased & { readonly state: "SUSPECT"; readonly draining: boolean })
  | (Recorded & { readonly state: "GONE" });

export type AgentState = Agent["state"];

/** An agent that is not gone. */
export type LiveAgent = Exclude<Agent, { readonly state: "GONE" }>;

/** Which state may follow which. A state follows itself when the agent attaches anew. */
export const transitions: Readonly<Record<AgentState | "UNKNOWN", readonly AgentState[]>> = {
  UNKNOWN: ["READY"],
  READY: ["READY", "DRAINING", "SUSPECT", "GONE"],
  DRAINING: ["DRAINING", "SUSPECT", "GONE"],
  SUSPECT: ["READY", "DRAINING", "GONE"],
  GONE: ["READY"],
};

/** Whether it drains, or drained when its stream was lost: draining ends with the incarnation only. */
export function isDraining(agent: Agent): boolean {
  return agent.state === "DRAINING" || (agent.state === "SUSPECT" && agent.draining);
}
