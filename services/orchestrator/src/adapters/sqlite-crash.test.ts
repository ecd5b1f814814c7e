import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StoredEvent } from "../app/store.ts";
import { openSqliteStore } from "./store-sqlite.ts";

const ownerFile = fileURLToPath(new URL("./sqlite-owner.process.ts", import.meta.url));

type Owner = {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly gone: Promise<unknown>;
};

let folder = "";
const owners: Owner[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-crash-"));
});

afterEach(async () => {
  for (const owner of owners.splice(0)) await kill(owner);
  await rm(folder, { recursive: true });
});

function own(command: string, ...parameters: string[]): Owner {
  const child = spawn(command, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Interface = createInterface({ input: child.stdout });
  const owner = { child, lines: lines[Symbol.asyncIterator](), gone: once(child, "exit") };
  owners.push(owner);
  return owner;
}

/** A process of its own that commits into the folder. */
function startOwner(): Owner {
  return own(process.execPath, ownerFile, folder);
}

async function nextLine({ lines }: Owner): Promise<string> {
  const { value } = await lines.next();
  return String(value);
}

/** What the owner had said when kill -9 ended it: the last position that it knew to be on disk. */
async function kill(owner: Owner): Promise<number> {
  owner.child.kill("SIGKILL");
  await owner.gone;
  let last = 0;
  for (let line = await owner.lines.next(); !line.done; line = await owner.lines.next())
    last = Number(line.value);
  return last;
}

/** The last position that it knew to be on disk, and what it said after that. */
async function untilItEnds({ lines }: Owner): Promise<{ acknowledged: number; rest: readonly string[] }> {
  let acknowledged = 0;
  const rest: string[] = [];
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    if (Number(line.value) > 0) acknowledged = Number(line.value);
    else if (line.value !== "open") rest.push(line.value);
  }
  return { acknowledged, rest };
}

async function readWholeLog(): Promise<readonly StoredEvent[]> {
  const store = await openSqliteStore(folder);
  const { position } = await store.takeOwnership(0);
  const log = await store.readLog(0, 0, 1_000_000);
  expect(log.map((event) => event.position)).toEqual(
    Array.from({ length: position }, (_, index) => index + 1),
  );
  await store.close();
  return log;
}

/** Each batch is one execution; all its events say how many they are. */
function tornBatches(log: readonly StoredEvent[]): readonly string[] {
  const batches = Map.groupBy(log, ({ executionId }) => executionId);
  return [...batches].flatMap(([id, events]) => {
    const { size } = JSON.parse(events[0]!.body) as { size: number };
    return events.length === size ? [] : [`${id}: ${events.length} of ${size}`];
  });
}

describe("a data folder", () => {
  it("keeps every acknowledged batch, whole, when its owner is killed in the middle of commits", async () => {
    for (const enough of [500, 2_000, 6_000]) {
      const owner = startOwner();
      for (let line = await nextLine(owner); !(Number(line) >= enough); ) line = await nextLine(owner);
      const acknowledged = await kill(owner);
      const log = await readWholeLog();
      expect(log.length).toBeGreaterThanOrEqual(Math.max(acknowledged, enough));
      expect(tornBatches(log)).toEqual([]);
    }
  });

  it("is refused to a second process while its owner lives, and free once that was killed", async () => {
    const owner = startOwner();
    expect(await nextLine(owner)).toBe("open");
    const refusal = openSqliteStore(folder);
    await expect(refusal).rejects.toThrow(
      `the data folder ${folder} is in use by another process: stop it (\`fuser ${join(folder, "weft.lock")}\` ` +
        "names it), or choose another data folder",
    );
    expect(Number(await nextLine(owner))).toBeGreaterThan(0);
    await kill(owner);
    const store = await openSqliteStore(folder);
    expect((await store.takeOwnership(0)).position).toBeGreaterThan(0);
    await store.close();
  });

  it("stays locked when its own process tries to open it again", async () => {
    const store = await openSqliteStore(folder);
    await expect(openSqliteStore(folder)).rejects.toThrow(/in use/);
    expect(await nextLine(startOwner())).toMatch(/^failed .*in use/);
    await store.close();
    expect(await nextLine(startOwner())).toBe("open");
  });

  it.each([
    ["a commit's write", 1_000, "UNKNOWN whether a batch is on disk is unknown (disk I/O error)"],
    ["a checkpoint's write", 45_000, undefined],
  ])("takes nothing more after %s failed, and has all that was acknowledged", async (_, blocksMax, first) => {
    // Files that can't grow any more fail as a disk does that breaks: first the write-ahead log, or the database.
    const limited = `ulimit -f ${blocksMax}; exec "$0" "$@"`;
    const owner = own("sh", "-c", limited, process.execPath, ownerFile, folder);
    const { acknowledged, rest } = await untilItEnds(owner);
    const last = "FAILED writing ended after a disk error (disk I/O error): mend the disk, then restart";
    expect(rest).toEqual([first, last].filter((line) => line !== undefined));
    const log = await readWholeLog();
    expect(log.length).toBe(acknowledged);
    expect(acknowledged).toBeGreaterThan(0);
    expect(tornBatches(log)).toEqual([]);
  });
});
