import type { Execution } from "../core/execution.ts";
import type { Live } from "./live.ts";

/** Reads an execution from its log; undefined for an id that has none. Rejects when it cannot be read. */
export type LoadExecution = (executionId: string) => Promise<Loaded | undefined>;

export type Loaded = {
  readonly execution: Execution;
  /** Of the snapshot that it was folded from; 0 without one. */
  readonly snapshotSequence: number;
};

type Visitor = (live: Live | undefined) => void;

/** Quarantined executions that are remembered by name; beyond it they are refused all the same, until a restart. */
const reasonsMax = 10_000;

/**
 * Which executions are in memory, and which must not be.
 *
 * 1. An id is resident, being loaded, or neither; visitors of one that is being loaded wait, in order.
 * 2. A quarantined execution is not resident and is never loaded.
 */
export class Residents {
  readonly #load: LoadExecution;
  readonly #adopt: (loaded: Loaded) => Live;
  readonly #onUnreadable: (executionId: string, error: unknown) => void;
  readonly #live = new Map<string, Live>();
  readonly #loading = new Map<string, Visitor[]>();
  readonly #quarantined = new Map<string, string>();
  #unfinished = 0;
  #isStopped = false;

  constructor(
    load: LoadExecution,
    adopt: (loaded: Loaded) => Live,
    onUnreadable: (executionId: string, error: unknown) => void,
  ) {
    this.#load = load;
    this.#adopt = adopt;
    this.#onUnreadable = onUnreadable;
  }

  /** Executions in memory that have not ended. */
  get unfinished(): number {
    return this.#unfinished;
  }

  get(executionId: string): Live | undefined {
    return this.#live.get(executionId);
  }

  isLoading(executionId: string): boolean {
    return this.#loading.has(executionId);
  }

  all(): Iterable<Live> {
    return this.#live.values();
  }

  add(live: Live): void {
    this.#live.set(live.execution.id, live);
    if (!live.hasEnded) this.#unfinished++;
  }

  /** Its end is durable; it stays for what is still out. */
  ended(live: Live): void {
    live.hasEnded = true;
    this.#unfinished--;
  }

  remove(live: Live): void {
    if (this.#live.delete(live.execution.id) && !live.hasEnded) this.#unfinished--;
  }

  /** At once when it is resident; else when it has been loaded. Undefined: it cannot be had. */
  visit(executionId: string, visitor: Visitor): void {
    const live = this.#live.get(executionId);
    const loading = this.#loading.get(executionId);
    if (live || this.#isStopped || this.#quarantined.has(executionId)) return visitor(live);
    if (loading) return void loading.push(visitor);
    this.#loading.set(executionId, [visitor]);
    void this.#fetch(executionId);
  }

  quarantine(executionId: string, reason: string): void {
    const live = this.#live.get(executionId);
    if (live) this.remove(live);
    this.#quarantined.set(executionId, this.#quarantined.size < reasonsMax ? reason : "see the log");
  }

  get quarantined(): number {
    return this.#quarantined.size;
  }

  /** Why the execution is left alone; undefined when it is not. */
  quarantineOf(executionId: string): string | undefined {
    return this.#quarantined.get(executionId);
  }

  stop(): void {
    this.#isStopped = true;
    this.#live.clear();
    this.#unfinished = 0;
  }

  async #fetch(executionId: string): Promise<void> {
    let loaded: Loaded | undefined;
    try {
      loaded = await this.#load(executionId);
    } catch (error) {
      if (!this.#isStopped) this.#onUnreadable(executionId, error);
    }
    const visitors = this.#loading.get(executionId) ?? [];
    this.#loading.delete(executionId);
    const live = loaded && !this.#isStopped ? this.#adopt(loaded) : undefined;
    for (const visitor of visitors) visitor(live);
  }
}
