import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSnapshot, type Snapshot, writeSnapshot } from "./snapshot.ts";
import { temporaryFolders } from "./testing/temporary-folder.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

const snapshot: Snapshot = {
  header: {
    record: "snapshot",
    version: 1,
    name: "example",
    root: "/example",
    head: null,
    collectedAt: "2026-01-02T03:04:05.678Z",
  },
  files: [
    { record: "file", path: "a\nb\u2028.ts", bytes: 3, language: "TypeScript", kind: "code", binary: false },
    { record: "file", path: "été.md", bytes: 3, language: "Markdown", kind: "docs", binary: false },
  ],
  symlinks: [{ record: "symlink", path: "link" }],
  end: { record: "end", files: 2, symlinks: 1, folders: 1, ignored: 0, unreadable: 0 },
};

async function written(): Promise<string> {
  const path = join(await temporaryFolder(), "snapshot.ndjson");
  await writeSnapshot(path, snapshot);
  return path;
}

const signal = new AbortController().signal;

test("reads back what was written, line breaks in names included", async () => {
  expect(await readSnapshot(await written(), signal)).toEqual({ kind: "read", snapshot });
});

test("a file that is not there is missing", async () => {
  const path = join(await temporaryFolder(), "none");
  expect(await readSnapshot(path, signal)).toEqual({ kind: "missing", path });
});

test("a file that breaks off is refused", async () => {
  const path = await written();
  const text = await readFile(path, "utf8");
  await writeFile(path, text.split("\n").slice(0, -2).join("\n"));
  expect(await readSnapshot(path, signal)).toMatchObject({
    kind: "invalid",
    reason: expect.stringContaining("breaks off"),
  });
});

test("an empty file is refused", async () => {
  const path = join(await temporaryFolder({ empty: "" }), "empty");
  expect(await readSnapshot(path, signal)).toMatchObject({ kind: "invalid" });
});

test.each([
  ["not JSON", "line 2", "{"],
  ["another shape", "line 2", '{"record":"file","path":7}'],
  ["a second header", "line 2", JSON.stringify(snapshot.header)],
])("a line that is %s is refused, and told by its number", async (_, expected, line) => {
  const path = await written();
  const [first, ...rest] = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, [first, line, ...rest].join("\n"));
  expect(await readSnapshot(path, signal)).toMatchObject({
    kind: "invalid",
    reason: expect.stringContaining(expected),
  });
});

test("a line after the end is refused, and so are fewer files than the end says", async () => {
  const after = await written();
  await appendFile(after, `${JSON.stringify(snapshot.symlinks[0])}\n`);
  expect(await readSnapshot(after, signal)).toMatchObject({ kind: "invalid" });
  const fewer = await written();
  const lines = (await readFile(fewer, "utf8")).split("\n");
  await writeFile(fewer, lines.toSpliced(1, 1).join("\n"));
  expect(await readSnapshot(fewer, signal)).toMatchObject({
    kind: "invalid",
    reason: "it has 1 files and says 2",
  });
});

test("a header of a later version is refused", async () => {
  const path = await written();
  await writeFile(path, (await readFile(path, "utf8")).replace('"version":1', '"version":2'));
  expect(await readSnapshot(path, signal)).toMatchObject({
    kind: "invalid",
    reason: expect.stringContaining("line 1"),
  });
});
