import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { openSqliteStore } from "../adapters/store-sqlite.ts";
import { FaultyStore } from "./faulty-store.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { placesOf, RecordedLog, shard } from "./recorded-log.fixture.ts";
import type { Store } from "./store.ts";

/** What happens to the log, one after another. A barrier is an entry without rows. */
type Move =
  | { readonly kind: "append"; readonly execution: number; readonly rows: number }
  /** Lets a commit begin, or end: where one batch ends and the next begins. */
  | { readonly kind: "microtask" }
  | { readonly kind: "turn" }
  | { readonly kind: "full"; readonly commits: number };

const execution = fc.nat(5);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("append"), execution, rows: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("microtask", "turn") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("full"), commits: fc.nat(3) }) },
);

const moves = fc.array(move, { maxLength: 80 });
const sickOnes = fc.uniqueArray(execution);

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-log-"));
});

afterAll(() => rm(folder, { recursive: true }));

const stores: readonly (readonly [string, number, () => Promise<Store>])[] = [
  ["in memory", 1_000, async () => openMemoryStore()],
  ["on SQLite", 100, () => openSqliteStore(folder)],
];

describe.each(stores)("a log %s", (_, numRuns, open) => {
  it("has exactly what healthy executions appended, in order, whoever is poisoned, whenever it is full", async () => {
    const store = await open();
    let run = 0;
    const property = fc.asyncProperty(moves, sickOnes, async (script, sick) => {
      run += 1;
      await expectRight(store, script, new Set(sick), (number) => `${run}-${number}`);
    });
    await fc.assert(property, { numRuns });
    await store.close();
  });
});

type Appended = {
  readonly executionId: string;
  readonly name: string;
  readonly sequences: readonly number[];
};

async function expectRight(
  store: Store,
  script: readonly Move[],
  sick: ReadonlySet<number>,
  idOf: (execution: number) => string,
): Promise<void> {
  const faulty = new FaultyStore(store);
  for (const number of sick) faulty.poisoned.add(idOf(number));
  const { epoch, position } = await store.takeOwnership(shard);
  const log = new RecordedLog(faulty.store, { epoch, position });
  const appended = await play(log, faulty, script, idOf);
  await drain(log);

  const healthy = appended.filter(({ executionId }) => !faulty.poisoned.has(executionId));
  const names = (entries: readonly Appended[]): readonly string[] => entries.map(({ name }) => name);
  expect(placesOf(await store.readLog(shard, position, 10_000))).toEqual(placesAfter(position, healthy));
  expect(settledIn(log).toSorted()).toEqual(names(appended).toSorted());
  expect(settledIn(log).filter((name) => names(healthy).includes(name))).toEqual(names(healthy));
  const written = appended.filter(({ sequences }) => sequences.length > 0);
  const abandoned = written.filter(({ name }) => log.heard.includes(`${name} QUARANTINED`));
  expect(abandoned).toEqual(written.filter((entry) => !healthy.includes(entry)));
}

async function play(
  log: RecordedLog,
  faulty: FaultyStore,
  script: readonly Move[],
  idOf: (execution: number) => string,
): Promise<readonly Appended[]> {
  const appended: Appended[] = [];
  const lengths = new Map<string, number>();
  for (const next of script) {
    if (next.kind === "turn") await turn();
    else if (next.kind === "microtask") await Promise.resolve();
    else if (next.kind === "full") faulty.fill(next.commits);
    else {
      const executionId = idOf(next.execution);
      const before = lengths.get(executionId) ?? 0;
      lengths.set(executionId, before + next.rows);
      const sequences = Array.from({ length: next.rows }, (_, index) => before + 1 + index);
      const name = `${appended.length}`;
      appended.push({ executionId, name, sequences });
      log.append(executionId, before + 1, {
        count: next.rows,
        ...log.outcomes(name, () => `${name} released`),
      });
    }
  }
  return appended;
}

/** Lets time pass until everything has found room. */
async function drain(log: RecordedLog): Promise<void> {
  let isIdle = false;
  const idle = log.log.idle().then(() => {
    isIdle = true;
  });
  while (!isIdle) {
    log.clock.advance(2_000);
    await turn();
  }
  await idle;
}

/** The names of the entries that were released or abandoned, as often and in the order that it happened. */
function settledIn({ heard }: RecordedLog): readonly string[] {
  return heard.flatMap((line) => /^(\d+) (?:released|QUARANTINED)$/.exec(line)?.[1] ?? []);
}

function placesAfter(position: number, entries: readonly Appended[]): readonly string[] {
  return entries
    .flatMap(({ executionId, sequences }) => sequences.map((sequence) => `${executionId}#${sequence}`))
    .map((event, index) => `${position + 1 + index}:${event}`);
}
