/** What a table does with a new row when it has no room: `refuse` it, or `forget` the row that changed longest ago. */
export type WhenFull = "refuse" | "forget";

/** A row that is there now, or is no more. */
export type Change<Row> = { readonly key: string; readonly row: Row | undefined };

/**
 * Rows by key, so many and no more. Knows which of them have changed since they were last saved.
 *
 * 1. A row is never changed in place: a change puts another row under its key.
 * 2. Rows are in the order in which they last changed.
 */
export class Table<Row extends object> {
  readonly #rows = new Map<string, Row>();
  readonly #unsaved = new Set<string>();
  readonly #rowsMax: number;
  readonly #whenFull: WhenFull;
  #turnedAway = 0;

  constructor(rowsMax: number, whenFull: WhenFull) {
    this.#rowsMax = rowsMax;
    this.#whenFull = whenFull;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Rows that were refused or forgotten for want of room. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  get isFull(): boolean {
    return this.#rows.size >= this.#rowsMax;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  keys(): Iterable<string> {
    return this.#rows.keys();
  }

  values(): Iterable<Row> {
    return this.#rows.values();
  }

  entries(): Iterable<[string, Row]> {
    return this.#rows.entries();
  }

  /** False: there was no room for it. */
  put(key: string, row: Row): boolean {
    if (!this.#rows.delete(key) && this.isFull && !this.#makeRoom()) return false;
    this.#rows.set(key, row);
    this.#unsaved.add(key);
    return true;
  }

  drop(key: string): void {
    if (this.#rows.delete(key)) this.#unsaved.add(key);
  }

  /** What has changed since this was last asked, or since the rows were restored. */
  takeChanges(): readonly Change<Row>[] {
    const changes = [...this.#unsaved].map((key) => ({ key, row: this.#rows.get(key) }));
    this.#unsaved.clear();
    return changes;
  }

  /** Puts a row as it was saved. */
  restore(key: string, row: Row): void {
    this.#rows.set(key, row);
  }

  #makeRoom(): boolean {
    this.#turnedAway += 1;
    if (this.#whenFull === "refuse") return false;
    for (const oldest of this.#rows.keys()) {
      this.drop(oldest);
      return true;
    }
    return false;
  }
}
