import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import type { TraceContext } from "../core/trace-context.ts";

/** What the registry says of an agent's process. */
export type AgentRecord = {
  readonly agentId: string;
  /** New at every start of the process. */
  readonly incarnation: string;
  readonly address: string;
  readonly slots: number;
  readonly capabilities: readonly { readonly name: string; readonly maxConcurrency: number }[];
  /** May take new work. False while it is suspect, unhealthy or draining. */
  readonly ready: boolean;
};

/** Where agents are found. Survives the registry's absence with what it knew last. */
export type AgentDirectory = {
  /** Tells of every agent now and of each change; returns what stops it. */
  watch(listener: DirectoryListener): () => void;
};

export type DirectoryListener = {
  changed(agent: AgentRecord): void;
  gone(agentId: string): void;
};

/** A step on its way to an agent. */
export type Dispatch = {
  readonly dispatchId: string;
  readonly capability: string;
  readonly namespace: string;
  readonly workflow: string;
  readonly input: Json;
  readonly timeLeftMs: number;
  /** What the agent does for the step is a child of its span. */
  readonly trace?: TraceContext | undefined;
};

/** Opens sessions. A session reconnects by itself until it is closed. */
export type AgentConnector = { connect(agent: AgentRecord, listener: SessionListener): AgentSession };

/** The orchestrator's end. What is written while disconnected is dropped: reconciliation finds it missing. */
export type AgentSession = {
  /** False: it is not connected, and the dispatch has certainly not left. */
  dispatch(dispatch: Dispatch): boolean;
  cancel(dispatchId: string, reason: string): void;
  /** The attempt's time left, from now; 0: it has no deadline. */
  extend(dispatchId: string, timeLeftMs: number): void;
  /** The result of the dispatch is durable: the agent may forget it. */
  ack(dispatchId: string): void;
  /** What waits here for a slot there; no steps: nothing does any more. */
  wait(waiting: WaitingSteps): void;
  close(): void;
};

/** Due steps of one capability that found every agent full. */
export type WaitingSteps = {
  readonly capability: string;
  /** How long the next of them has waited. */
  readonly ageMs: number;
  readonly steps: number;
};

/** How much of an agent is taken. */
export type AgentLoad = {
  readonly slots: number;
  /** By other orchestrators' work, or kept for it. */
  readonly busyElsewhere: number;
  /** Those that it has sessions with, this one not counted. */
  readonly otherOrchestrators: number;
};

/** What an agent has of this orchestrator's work when a session opens. */
export type Welcome = AgentLoad & {
  readonly incarnation: string;
  readonly running: ReadonlySet<string>;
  /** Results that wait for an ack; they follow as facts. */
  readonly finished: ReadonlySet<string>;
};

/** What a session tells, in the order in which the agent said it. */
export type SessionListener = {
  /** Ids that the log believes to be at the agent: sent with the claim. */
  believedInFlight(): readonly string[];
  connected(welcome: Welcome): void;
  disconnected(): void;
  /** The stream is open and nothing comes: the process may be frozen, or busy computing. */
  silenceChanged(isSilent: boolean): void;
  succeeded(dispatchId: string, output: Json): void;
  failed(dispatchId: string, failure: Failure): void;
  /** The handler has answered "later": the step is completed by token. */
  deferred(dispatchId: string): void;
  rejected(dispatchId: string, rejection: AgentRejection): void;
  progressed(dispatchId: string, fraction: number, message: string): void;
  loadChanged(load: AgentLoad): void;
  draining(): void;
};

export type AgentRejection = {
  readonly reason: "FULL" | "DRAINING" | "UNKNOWN_CAPABILITY" | "FENCED" | "UNSPECIFIED";
  readonly busyElsewhere: number;
};
