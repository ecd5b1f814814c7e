/** An entry, and the handle to take it out again. */
export type Waiting<T> = { readonly capability: string; readonly value: T };

export type EnqueueResult<T> =
  | { readonly kind: "queued"; readonly entry: Waiting<T> }
  | { readonly kind: "full"; readonly entriesMax: number };

type Entry<T> = {
  readonly capability: string;
  readonly value: T;
  /** Undefined: taken out. */
  party: Party<T> | undefined;
  ahead: Entry<T> | undefined;
  behind: Entry<T> | undefined;
};

/** What one execution waits for in one line, oldest first. */
type Party<T> = {
  readonly executionId: string;
  readonly line: Line<T>;
  /** Drawn from a counter over all lines when the party joins, and again whenever it has been served. */
  turn: number;
  size: number;
  first: Entry<T> | undefined;
  last: Entry<T> | undefined;
  ahead: Party<T> | undefined;
  behind: Party<T> | undefined;
};

/** The parties of one capability, by turn. */
type Line<T> = {
  readonly capability: string;
  readonly parties: Map<string, Party<T>>;
  entries: number;
  first: Party<T> | undefined;
  last: Party<T> | undefined;
};

/**
 * Work that found every agent full, and binds late: to whichever agent frees first. Executions take turns,
 * so that one with 10,000 entries holds up another by one entry a round. This is deficit round robin
 * (Shreedhar and Varghese, SIGCOMM 1995) where every entry costs the same: no deficit is left to carry.
 * The queue owns its entries; a caller holds them as handles. Adding, taking and removing cost the same at
 * any length.
 *
 * 1. A party holds its entries in order of arrival; a line holds its parties by turn.
 * 2. A party exists exactly while it has an entry, a line exactly while it has a party.
 * 3. Whoever joins draws a turn behind all that wait, so that nobody can be passed for ever.
 * 4. There are never more than `entriesMax` entries.
 */
export class WaitingQueue<T> {
  readonly #entriesMax: number;
  readonly #lines = new Map<string, Line<T>>();
  #turns = 0;
  #size = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** Entries of all capabilities. */
  get size(): number {
    return this.#size;
  }

  /** Entries of one capability. */
  lengthOf(capability: string): number {
    return this.#lines.get(capability)?.entries ?? 0;
  }

  /** Those that something waits for. */
  get capabilities(): Iterable<string> {
    return this.#lines.keys();
  }

  /** Puts work behind what its execution waits for already. Entries that name no execution share one. */
  enqueue(capability: string, value: T, executionId = ""): EnqueueResult<T> {
    if (this.#size >= this.#entriesMax) return { kind: "full", entriesMax: this.#entriesMax };
    const party = this.#partyOf(capability, executionId);
    const entry: Entry<T> = { capability, value, party, ahead: undefined, behind: undefined };
    append(party, entry);
    party.size++;
    party.line.entries++;
    this.#size++;
    return { kind: "queued", entry };
  }

  /** The entry whose turn is next among all that wait for these capabilities; it stays until it is taken. */
  oldestAmong(capabilities: Iterable<string>): Waiting<T> | undefined {
    let next: Party<T> | undefined;
    for (const capability of capabilities) {
      const party = this.#lines.get(capability)?.first;
      if (party && (!next || party.turn < next.turn)) next = party;
    }
    return next?.first;
  }

  /** Takes out an entry that is served: its execution's next one waits a round. False: it was taken before. */
  take(waiting: Waiting<T>): boolean {
    const { party } = waiting as Entry<T>;
    if (!party || !this.remove(waiting)) return false;
    if (party.size > 0) {
      unlink(party.line, party);
      party.turn = ++this.#turns;
      append(party.line, party);
    }
    return true;
  }

  /** Takes out an entry that needs nothing any more: its execution keeps its turn. False: it was taken before. */
  remove(waiting: Waiting<T>): boolean {
    const entry = waiting as Entry<T>;
    const { party } = entry;
    if (!party) return false;
    unlink(party, entry);
    // A caller may still hold it.
    entry.party = undefined;
    party.size--;
    party.line.entries--;
    this.#size--;
    if (party.size === 0) this.#removeParty(party);
    return true;
  }

  /**
   * How many are served in its line until it is, itself included, if nobody joins or leaves; undefined: it was
   * taken out. O(entries of its execution ahead of it + executions in its line).
   */
  position(waiting: Waiting<T>): number | undefined {
    let entry = waiting as Entry<T>;
    const { party } = entry;
    if (!party) return undefined;
    let round = 1;
    for (; entry.ahead; entry = entry.ahead) round++;
    let position = round;
    for (let { ahead } = party; ahead; ahead = ahead.ahead) position += Math.min(ahead.size, round);
    for (let { behind } = party; behind; behind = behind.behind) position += Math.min(behind.size, round - 1);
    return position;
  }

  #partyOf(capability: string, executionId: string): Party<T> {
    const line = this.#lineOf(capability);
    let party = line.parties.get(executionId);
    if (!party) {
      const nobody = { first: undefined, last: undefined, ahead: undefined, behind: undefined };
      party = { executionId, line, turn: ++this.#turns, size: 0, ...nobody };
      line.parties.set(executionId, party);
      append(line, party);
    }
    return party;
  }

  #removeParty(party: Party<T>): void {
    const { line, executionId } = party;
    unlink(line, party);
    line.parties.delete(executionId);
    if (!line.first) this.#lines.delete(line.capability);
  }

  #lineOf(capability: string): Line<T> {
    let line = this.#lines.get(capability);
    if (!line) {
      line = { capability, parties: new Map(), entries: 0, first: undefined, last: undefined };
      this.#lines.set(capability, line);
    }
    return line;
  }
}

type Row<N> = { first: N | undefined; last: N | undefined };
type Link<N> = { ahead: N | undefined; behind: N | undefined };

function append<N extends Link<N>>(row: Row<N>, link: N): void {
  link.ahead = row.last;
  if (row.last) row.last.behind = link;
  else row.first = link;
  row.last = link;
}

function unlink<N extends Link<N>>(row: Row<N>, link: N): void {
  const { ahead, behind } = link;
  if (ahead) ahead.behind = behind;
  else row.first = behind;
  if (behind) behind.ahead = ahead;
  else row.last = ahead;
  // Links of what a caller still holds would keep its neighbours alive.
  link.ahead = link.behind = undefined;
}
