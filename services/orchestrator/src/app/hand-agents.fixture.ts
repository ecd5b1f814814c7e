import type { Failure } from "../core/failure.ts";
import { jsonText } from "../core/json.ts";
import type {
  AgentConnector,
  AgentDirectory,
  AgentLoad,
  AgentRecord,
  AgentRejection,
  AgentSession,
  DirectoryListener,
  Dispatch,
  SessionListener,
  WaitingSteps,
  Welcome,
} from "./agents.ts";

/** A directory and a connector that a test drives by hand. */
export class HandAgents {
  /** Every session that was opened, in order. */
  readonly sessions: HandSession[] = [];
  readonly directory: AgentDirectory = {
    watch: (listener) => {
      this.#listener = listener;
      return () => {
        this.#listener = undefined;
      };
    },
  };
  readonly connector: AgentConnector = {
    connect: (record, listener) => {
      const session = new HandSession(record, listener);
      this.sessions.push(session);
      return session;
    },
  };
  #listener: DirectoryListener | undefined;

  get isWatched(): boolean {
    return this.#listener !== undefined;
  }

  /** The registry tells of an agent: with one slot for "work", unless it says otherwise. */
  tell(agentId: string, changes: Partial<AgentRecord> = {}): void {
    this.#listener?.changed({
      agentId,
      incarnation: `${agentId}#1`,
      address: `${agentId}:1`,
      slots: 1,
      capabilities: [{ name: "work", maxConcurrency: 0 }],
      ready: true,
      ...changes,
    });
  }

  /** The same, and its session opens. */
  appear(agentId: string, changes: Partial<AgentRecord> = {}): HandSession {
    this.tell(agentId, changes);
    const session = this.session(agentId);
    session.open();
    return session;
  }

  gone(agentId: string): void {
    this.#listener?.gone(agentId);
  }

  /** The agent's newest session. */
  session(agentId: string): HandSession {
    const session = this.sessions.findLast(({ record }) => record.agentId === agentId);
    if (!session) throw new Error(`nobody connected to ${agentId}`);
    return session;
  }
}

/** The other end of a session, where a process stands there. */
export type AgentEnd = {
  dispatch(dispatch: Dispatch): void;
  cancel(dispatchId: string): void;
  ack(dispatchId: string): void;
};

/** A session whose other end is the test. What is written while it is not open is dropped. */
export class HandSession implements AgentSession {
  readonly record: AgentRecord;
  readonly listener: SessionListener;
  readonly dispatched: Dispatch[] = [];
  /** Everything that was written, in order, such as "dispatch e/a/1/1". */
  readonly written: string[] = [];
  isOpen = false;
  isClosed = false;
  /** What reaches the agent, where a process stands at the other end. */
  process: AgentEnd | undefined;

  constructor(record: AgentRecord, listener: SessionListener) {
    this.record = record;
    this.listener = listener;
  }

  dispatch(dispatch: Dispatch): boolean {
    this.#write(`dispatch ${dispatch.dispatchId}`);
    if (!this.isOpen) return false;
    this.dispatched.push(dispatch);
    this.process?.dispatch(dispatch);
    return true;
  }

  extend(dispatchId: string, timeLeftMs: number): void {
    this.#write(`extend ${dispatchId} by ${timeLeftMs}`);
  }

  cancel(dispatchId: string, reason: string): void {
    this.#write(`cancel ${dispatchId} because ${reason}`);
    if (this.isOpen) this.process?.cancel(dispatchId);
  }

  ack(dispatchId: string): void {
    this.#write(`ack ${dispatchId}`);
    if (this.isOpen) this.process?.ack(dispatchId);
  }

  wait({ capability, ageMs, steps }: WaitingSteps): void {
    this.#write(`wait ${capability}: ${steps} for ${ageMs}`);
  }

  close(): void {
    this.isOpen = false;
    this.isClosed = true;
  }

  /** The agent greets, and says what it has. */
  open(
    has: { readonly running?: string[]; readonly finished?: string[] } & Partial<WelcomeWords> = {},
  ): void {
    const { running = [], finished = [], ...words } = has;
    this.isOpen = true;
    this.listener.connected({
      incarnation: this.record.incarnation,
      slots: this.record.slots,
      busyElsewhere: 0,
      otherOrchestrators: 0,
      ...words,
      running: new Set(running),
      finished: new Set(finished),
    });
  }

  cut(): void {
    this.isOpen = false;
    this.listener.disconnected();
  }

  succeed(dispatchId: string, output = "1"): void {
    if (!this.isClosed) this.listener.succeeded(dispatchId, jsonText(output));
  }

  fail(dispatchId: string, code: Failure["code"]): void {
    if (!this.isClosed) this.listener.failed(dispatchId, { code, message: "it broke" });
  }

  later(dispatchId: string): void {
    if (!this.isClosed) this.listener.deferred(dispatchId);
  }

  reject(dispatchId: string, reason: AgentRejection["reason"], busyElsewhere = 0): void {
    if (!this.isClosed) this.listener.rejected(dispatchId, { reason, busyElsewhere });
  }

  #write(line: string): void {
    if (this.isOpen) this.written.push(line);
  }
}

type WelcomeWords = Pick<Welcome, "incarnation" | keyof AgentLoad>;
