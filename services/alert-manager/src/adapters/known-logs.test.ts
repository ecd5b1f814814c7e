import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openKnownLogs } from "./known-logs.ts";

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it("logs are known over a restart, in a folder", async () => {
  const folder = newFolder();
  const before = openKnownLogs(folder);
  expect(before.get(0)).toBeUndefined();
  await before.set(0, "aa");
  await before.set(7, "bb");
  const after = openKnownLogs(folder);
  expect([after.get(0), after.get(7), after.get(1)]).toEqual(["aa", "bb", undefined]);
});

it("a file that can't be read says what to do", () => {
  const folder = newFolder();
  writeFileSync(join(folder, "event-logs.json"), "{");
  expect(() => openKnownLogs(folder)).toThrow(/event-logs\.json can't be read: remove it/);
});
