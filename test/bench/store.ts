import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "@weft/orchestrator/store-sqlite";
import { LogLoad, namespace } from "./store-load.ts";

// What the SQLite store costs: `node test/bench/store.ts [folder]`, on the disk of that folder.

type Store = Awaited<ReturnType<typeof openSqliteStore>>;

const eventsPerRun = 60_000;
const loneCommits = 3_000;
const batchSizes = [16, 128, 512];

const parent = process.argv[2] ?? tmpdir();

line("", "p50 ms", "p99 ms", "max ms", "events/s", "main µs/event");
measureDisk();
await withStore((store) => measureCommits(store, "one commit of 3 events at a time", 3, loneCommits * 3));
for (const size of batchSizes)
  await withStore((store) => measureCommits(store, `batches of ${size}`, size, eventsPerRun));
await withStore(measureReads);

async function withStore(measure: (store: Store) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(parent, "weft-bench-"));
  const store = await openSqliteStore(folder);
  await measure(store);
  await store.close();
  rmSync(folder, { recursive: true });
}

/** The floor: what the disk takes for the pages of a small commit, over and over in the same place. */
function measureDisk(): void {
  const file = join(mkdtempSync(join(parent, "weft-bench-")), "floor");
  const descriptor = openSync(file, "w");
  const pages = Buffer.alloc(7 * 4_096, "x");
  const writeAndSync = (): void => {
    writeSync(descriptor, pages, 0, pages.length, 0);
    fsyncSync(descriptor);
  };
  writeAndSync();
  report("the disk alone: write 28 KiB, fsync", timesOf(loneCommits, writeAndSync));
  closeSync(descriptor);
  rmSync(join(file, ".."), { recursive: true });
}

async function measureCommits(store: Store, name: string, size: number, events: number): Promise<void> {
  const load = new LogLoad(await store.takeOwnership(0));
  const batches = Array.from({ length: Math.ceil(events / size) }, () => load.next(size));
  const times: number[] = [];
  const before = process.threadCpuUsage();
  const begun = performance.now();
  for (const batch of batches) {
    const sent = performance.now();
    const outcome = await store.commit(batch);
    times.push(performance.now() - sent);
    if (outcome.kind !== "committed") throw new Error(outcome.message);
  }
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.threadCpuUsage(before);
  report(name, times, events / seconds, (user + system) / events);
}

async function measureReads(store: Store): Promise<void> {
  const load = new LogLoad(await store.takeOwnership(0));
  const batches = Array.from({ length: 300 }, () => load.next(2_000));
  for (const batch of batches.slice(0, 250)) await store.commit(batch);
  const read = async (name: string, times: number, run: () => Promise<unknown>): Promise<void> =>
    report(name, await timesOfAsync(times, run));
  const reads = async (suffix: string): Promise<void> => {
    await read(`read 500 events of the log${suffix}`, 100, () => store.readLog(0, 250_000, 500));
    await read(`get one execution${suffix}`, 500, () => store.getExecution(namespace, load.firstId));
    await read(`list 100 executions${suffix}`, 100, () => store.listExecutions({ namespace, limit: 100 }));
  };
  await reads("");
  const rare = { namespace, labels: { rare: "yes" }, limit: 100 };
  await read(`a label that no row of ${load.executions} has`, 10, () => store.listExecutions(rare));
  const failed = { namespace, statuses: ["FAILED" as const], limit: 100 };
  await read(`a status that no row has`, 100, () => store.listExecutions(failed));
  const writing = (async () => {
    for (const batch of batches.slice(250)) await store.commit(batch);
  })();
  await reads(", during commits of 2,000");
  await writing;
}

function timesOf(count: number, run: () => void): number[] {
  return Array.from({ length: count }, () => {
    const begun = performance.now();
    run();
    return performance.now() - begun;
  });
}

async function timesOfAsync(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
  }
  return times;
}

function report(name: string, times: readonly number[], perSecond?: number, mainUs?: number): void {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2);
  line(name, at(0.5), at(0.99), at(1), perSecond?.toFixed(0) ?? "", mainUs?.toFixed(2) ?? "");
}

function line(name: string, ...cells: readonly string[]): void {
  console.log(name.padEnd(52) + cells.map((cell) => cell.padStart(14)).join(""));
}
