import { readFile, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSnapshot, type Snapshot } from "../snapshot.ts";
import { recordedControls } from "../testing/recorded-controls.ts";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { collect } from "./collect.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

async function snapshotAt(path: string): Promise<Snapshot> {
  const reading = await readSnapshot(path, new AbortController().signal);
  if (reading.kind !== "read") throw new Error(JSON.stringify(reading));
  return reading.snapshot;
}

test("writes a snapshot that reads back as what is there", async () => {
  const root = await temporaryFolder({
    "src/main.ts": "export {};\r\n",
    "logo.png": Buffer.from([0x89, 0x50, 0, 0]),
    ".gitignore": "out\n",
    "out/x": "",
  });
  await symlink("src", join(root, "link"));
  const out = await temporaryFolder();
  const snapshot = join(out, "deep", "snapshot.ndjson");

  const collected = await collect({ path: root, snapshot, reportFolder: out }, recordedControls());

  expect(collected).toEqual({ kind: "collected", snapshot, files: 3, folders: 2, bytes: 20 });
  const { header, files, symlinks, end } = await snapshotAt(snapshot);
  expect(header).toMatchObject({ version: 1, name: basename(root), root, head: null });
  expect(files).toEqual([
    { record: "file", path: ".gitignore", bytes: 4, language: null, kind: "config", binary: false },
    { record: "file", path: "logo.png", bytes: 4, language: null, kind: "asset", binary: true },
    { record: "file", path: "src/main.ts", bytes: 12, language: "TypeScript", kind: "code", binary: false },
  ]);
  expect(symlinks).toEqual([{ record: "symlink", path: "link" }]);
  expect(end).toMatchObject({ files: 3, symlinks: 1, folders: 2, ignored: 1, unreadable: 0 });
});

test("a second run of the step writes the same files to the same place", async () => {
  const root = await temporaryFolder({ "a.md": "# A\n", "b/c.ts": "" });
  const out = await temporaryFolder();
  const collecting = { path: root, snapshot: join(out, "snapshot.ndjson"), reportFolder: out };
  const first = await collect(collecting, recordedControls());
  const before = await snapshotAt(collecting.snapshot);
  const second = await collect(collecting, recordedControls());
  expect(second).toEqual(first);
  expect((await snapshotAt(collecting.snapshot)).files).toEqual(before.files);
});

test("a report within the folder is no part of it", async () => {
  const root = await temporaryFolder({ "a.md": "", "report/x/report.html": "" });
  const reportFolder = join(root, "report");
  const snapshot = join(reportFolder, "y", "snapshot.ndjson");
  expect(await collect({ path: root, snapshot, reportFolder }, recordedControls())).toMatchObject({
    files: 1,
  });
});

test("takes the name from package.json, and the state from the repository above", async () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const root = await temporaryFolder({
    ".git/HEAD": "ref: refs/heads/main",
    ".git/refs/heads/main": commit,
    "packages/a/package.json": '{ "name": "@example/a" }',
  });
  const out = await temporaryFolder();
  const snapshot = join(out, "snapshot.ndjson");
  await collect({ path: join(root, "packages/a"), snapshot, reportFolder: out }, recordedControls());
  const { header } = await snapshotAt(snapshot);
  expect(header).toMatchObject({ name: "@example/a", head: { branch: "main", commit } });
});

test("an aborted collection leaves no snapshot, not even half of one", async () => {
  const root = await temporaryFolder({ a: "", b: "" });
  const out = await temporaryFolder();
  const snapshot = join(out, "snapshot.ndjson");
  const signal = AbortSignal.abort(new Error("too late"));
  await expect(
    collect({ path: root, snapshot, reportFolder: out }, recordedControls(signal)),
  ).rejects.toThrow("too late");
  await expect(readFile(snapshot)).rejects.toThrow("ENOENT");
});

test("tells why a path can't be collected", async () => {
  const out = await temporaryFolder();
  const collecting = { path: join(out, "none"), snapshot: join(out, "s"), reportFolder: out };
  expect(await collect(collecting, recordedControls())).toMatchObject({
    kind: "no-folder",
    reason: "ENOENT",
  });
});
