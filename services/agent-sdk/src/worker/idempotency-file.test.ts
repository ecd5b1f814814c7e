import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type IdempotencyFile, openIdempotencyFile, type SuccessRow } from "./idempotency-file.ts";

const bounds = { countMax: 3, bytesMax: 100, ageMsMax: 1_000 };

function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-successes-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "deep", "successes.db");
}

function open(file: string, nowMs = 0): IdempotencyFile {
  const opened = openIdempotencyFile(file, bounds, { nowMs, busyMsMax: 0 });
  onTestFinished(() => {
    try {
      opened.close();
    } catch {
      // The test has closed it.
    }
  });
  return opened;
}

function row(key: string, atMs = 0, bytes = 1): SuccessRow {
  return { key, atMs, output: new Uint8Array(bytes) };
}

/** What a next life would find. */
function keysIn(file: string, nowMs = 0): readonly string[] {
  const next = open(file, nowMs);
  const keys = next.kept.map(({ key }) => key);
  next.close();
  return keys;
}

it("keeps what was written for the next that opens it, the oldest first", () => {
  const file = temporaryFile();
  const first = open(file);
  expect(first.kept).toEqual([]);
  first.write([row("b", 1), { key: "a", atMs: 2, output: new Uint8Array(Buffer.from('"ä"')) }]);
  first.close();
  const next = open(file);
  expect(next.kept.map(({ key, atMs }) => [key, atMs])).toEqual([
    ["b", 1],
    ["a", 2],
  ]);
  expect(Buffer.from(next.kept[1]!.output).toString()).toBe('"ä"');
});

it("drops the oldest beyond its count and bytes, also those of earlier lives", () => {
  const file = temporaryFile();
  const first = open(file);
  first.write([row("a"), row("b"), row("c")]);
  first.close();
  const second = open(file);
  second.write([row("d")]);
  second.close();
  expect(keysIn(file)).toEqual(["b", "c", "d"]);
  const third = open(file);
  third.write([row("e", 0, 99)]);
  third.close();
  expect(keysIn(file)).toEqual(["d", "e"]);
});

it("takes a key that comes again for the newest", () => {
  const file = temporaryFile();
  const opened = open(file);
  opened.write([row("a"), row("b"), row("c"), row("a"), row("d")]);
  opened.close();
  expect(keysIn(file)).toEqual(["c", "a", "d"]);
});

it("forgets at its opening what is too old", () => {
  const file = temporaryFile();
  const opened = open(file);
  opened.write([row("old", 0), row("young", 1)]);
  opened.close();
  expect(keysIn(file, 1_001)).toEqual(["young"]);
});

it("belongs to one at a time", () => {
  const file = temporaryFile();
  const opened = open(file);
  expect(() => open(file)).toThrow("locked");
  opened.close();
  open(file);
});

it("is readable for its owner alone", () => {
  const file = temporaryFile();
  open(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it("leaves alone what is something else", () => {
  const file = temporaryFile();
  open(file).close();
  writeFileSync(file, "these are notes, and no database at all ".repeat(50));
  expect(() => open(file)).toThrow("not a database");
  rmSync(file);
  open(file).close();
  const database = readFileSync(file);
  // Where SQLite keeps the application's id.
  database.writeUInt32BE(7, 68);
  writeFileSync(file, database);
  expect(() => open(file)).toThrow("another program's database");
});
