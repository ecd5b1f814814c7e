import { expect, onTestFinished, test } from "vitest";
import type { Snapshot, SnapshotFile } from "../snapshot.ts";
import { recordedControls } from "../testing/recorded-controls.ts";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { foldersOf, rootFolderName } from "./folders.ts";
import { measure, sumUp } from "./measure.ts";
import type { MeasuredFile } from "./totals.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

function measured(path: string, given: Partial<MeasuredFile> = {}): MeasuredFile {
  return {
    record: "file",
    path,
    bytes: 10,
    language: "TypeScript",
    kind: "code",
    binary: false,
    lines: 1,
    ...given,
  };
}

function snapshotOf(root: string, files: readonly SnapshotFile[]): Snapshot {
  return {
    header: {
      record: "snapshot",
      version: 1,
      name: "x",
      root,
      head: null,
      collectedAt: "2026-01-02T03:04:05Z",
    },
    files,
    symlinks: [],
    end: { record: "end", files: files.length, symlinks: 0, folders: 1, ignored: 0, unreadable: 0 },
  };
}

test("counts lines with and without a last newline, with CRLF, and in empty files", async () => {
  const texts = { "a.ts": "1\n2\n", "b.ts": "1\n2", "c.ts": "1\r\n2\r\n", "d.ts": "", "e.ts": "\n" };
  const root = await temporaryFolder(texts);
  const files = Object.keys(texts).map((path) => measured(path));
  const measures = await measure(snapshotOf(root, files), recordedControls());
  expect(measures.totals).toEqual({ files: 5, bytes: 50, lines: 2 + 2 + 2 + 0 + 1 });
});

test("counts the lines of a file that is read in many pieces", async () => {
  const root = await temporaryFolder({ "long.ts": "line\n".repeat(100_000) });
  const measures = await measure(snapshotOf(root, [measured("long.ts")]), recordedControls());
  expect(measures.totals.lines).toBe(100_000);
});

test("binary files have bytes and no lines", async () => {
  const root = await temporaryFolder({ "a.png": Buffer.from("\n\n\n") });
  const file = measured("a.png", { binary: true, kind: "asset", language: null });
  expect(await measure(snapshotOf(root, [file]), recordedControls())).toMatchObject({
    totals: { files: 1, bytes: 10, lines: 0 },
    uncounted: 0,
  });
});

test("a file that is gone since it was collected is told as not counted", async () => {
  const root = await temporaryFolder();
  expect(await measure(snapshotOf(root, [measured("gone.ts")]), recordedControls())).toMatchObject({
    totals: { files: 1, lines: 0 },
    uncounted: 1,
  });
});

test("an abort ends it with its reason", async () => {
  const root = await temporaryFolder({ "a.ts": "" });
  const controls = recordedControls(AbortSignal.abort(new Error("cancelled")));
  await expect(measure(snapshotOf(root, [measured("a.ts")]), controls)).rejects.toThrow("cancelled");
});

test("languages are of what people wrote, most lines first", () => {
  const { languages } = sumUp([
    measured("a.ts", { lines: 5 }),
    measured("a.test.ts", { lines: 6, kind: "test" }),
    measured("b.py", { lines: 20, language: "Python" }),
    measured("README.md", { lines: 2, language: "Markdown", kind: "docs" }),
    measured("gen_pb.ts", { lines: 900, kind: "generated" }),
    measured("data.json", { lines: 900, language: "JSON", kind: "data" }),
  ]);
  expect(languages).toEqual([
    { language: "Python", files: 1, bytes: 10, lines: 20 },
    { language: "TypeScript", files: 2, bytes: 20, lines: 11 },
    { language: "Markdown", files: 1, bytes: 10, lines: 2 },
  ]);
});

test("lists ten of the biggest and of the longest; equals go by path", () => {
  const files = Array.from({ length: 12 }, (_, index) => measured(`${String.fromCharCode(108 - index)}.ts`));
  const { biggest, longest } = sumUp([...files, measured("z.bin", { bytes: 99, lines: 0, kind: "data" })]);
  expect(biggest.map((file) => file.path).slice(0, 3)).toEqual(["z.bin", "a.ts", "b.ts"]);
  expect(biggest).toHaveLength(10);
  expect(longest.map((file) => file.path).slice(0, 2)).toEqual(["a.ts", "b.ts"]);
});

test("folders are told two levels deep, biggest first, by the kind of most of their bytes", () => {
  const folders = foldersOf([
    measured("src/a/x.ts", { bytes: 30, lines: 9 }),
    measured("src/a/deep/y.json", { bytes: 50, kind: "data" }),
    measured("src/main.ts", { bytes: 70 }),
    measured("README.md", { bytes: 5, kind: "docs" }),
    measured("empty.md", { bytes: 0, kind: "docs" }),
  ]);
  expect(folders.map(({ name, bytes, files, kind }) => ({ name, bytes, files, kind }))).toEqual([
    { name: "src", bytes: 150, files: 3, kind: "code" },
    { name: rootFolderName, bytes: 5, files: 2, kind: "docs" },
  ]);
  expect(folders[0]?.cells.map(({ name, bytes, kind }) => ({ name, bytes, kind }))).toEqual([
    { name: "a", bytes: 80, kind: "data" },
    { name: "main.ts", bytes: 70, kind: "code" },
  ]);
  expect(folders[1]?.cells.map((cell) => cell.name)).toEqual(["README.md"]);
});

test("many folders and many files in one are told together past a bound, and no byte is lost", () => {
  const files = Array.from({ length: 40 }, (_, outer) =>
    Array.from({ length: 40 }, (_, inner) =>
      measured(`f${outer}/c${inner}.ts`, { bytes: outer + inner + 1 }),
    ),
  ).flat();
  const folders = foldersOf(files);
  expect(folders).toHaveLength(16);
  expect(folders.at(-1)?.name).toBe("25 more folders");
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  expect(folders.reduce((sum, folder) => sum + folder.bytes, 0)).toBe(total);
  for (const folder of folders) {
    expect(folder.cells.length).toBeLessThanOrEqual(16);
    expect(folder.cells.reduce((sum, cell) => sum + cell.bytes, 0)).toBe(folder.bytes);
  }
});
