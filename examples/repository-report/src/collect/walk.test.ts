import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { recordedControls } from "../testing/recorded-controls.ts";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { type WalkOptions, walk } from "./walk.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

async function pathsIn(root: string, options: Partial<WalkOptions> = {}): Promise<string[]> {
  const walked = await walk(root, { filesMax: 1_000, ...options }, recordedControls());
  if (walked.kind !== "walked") throw new Error(walked.kind);
  return walked.entries.map((entry) => entry.path);
}

test("finds files at every depth, in the order of their paths, with their sizes", async () => {
  const root = await temporaryFolder({ "b.txt": "12345", "a/z.txt": "", "a/b/c.txt": "x" });
  const walked = await walk(root, { filesMax: 10 }, recordedControls());
  expect(walked).toEqual({
    kind: "walked",
    entries: [
      { kind: "file", path: "a/b/c.txt", bytes: 1 },
      { kind: "file", path: "a/z.txt", bytes: 0 },
      { kind: "file", path: "b.txt", bytes: 5 },
    ],
    folders: 3,
    ignored: 0,
    unreadable: 0,
  });
});

test("honours a .gitignore at its own level and below, not beside it", async () => {
  const root = await temporaryFolder({
    "a/.gitignore": "*.log\n/only-here\n",
    "a/x.log": "",
    "a/deep/y.log": "",
    "a/only-here": "",
    "a/deep/only-here": "",
    "b/x.log": "",
  });
  expect(await pathsIn(root)).toEqual(["a/.gitignore", "a/deep/only-here", "b/x.log"]);
});

test("a deeper .gitignore takes back what a higher one ignores", async () => {
  const root = await temporaryFolder({
    ".gitignore": "*.log\ncache\n",
    "a/.gitignore": "!keep.log\n!cache/\n",
    "a/keep.log": "",
    "a/lose.log": "",
    "a/cache/kept": "",
    "a/cache/lost.log": "",
    "cache/lost": "",
  });
  expect(await pathsIn(root)).toEqual([".gitignore", "a/.gitignore", "a/cache/kept", "a/keep.log"]);
});

test("nothing in an ignored folder can be taken back", async () => {
  const root = await temporaryFolder({ ".gitignore": "out/\n!out/keep\n", "out/keep": "", in: "" });
  expect(await pathsIn(root)).toEqual([".gitignore", "in"]);
});

test("reads .gitignore files with CRLF, a byte order mark, comments and escapes", async () => {
  const root = await temporaryFolder({
    ".gitignore": "\uFEFFone\r\n# two\r\n\\#three\r\n\r\nfour\\ \r\n",
    one: "",
    two: "",
    "#three": "",
    "four ": "",
  });
  expect(await pathsIn(root)).toEqual([".gitignore", "two"]);
});

test("tells case apart, and reads patterns in folders with wildcards in their names", async () => {
  const root = await temporaryFolder({
    "[a]/.gitignore": "/x\n",
    "[a]/x": "",
    "[a]/X": "",
    "a/x": "",
  });
  expect(await pathsIn(root)).toEqual(["[a]/.gitignore", "[a]/X", "a/x"]);
});

test("counts what is ignored: a folder once", async () => {
  const root = await temporaryFolder({ ".gitignore": "out\n*.log\n", "out/a": "", "out/b": "", "x.log": "" });
  const walked = await walk(root, { filesMax: 10 }, recordedControls());
  expect(walked).toMatchObject({ ignored: 2, folders: 1 });
});

test("rules of the repository above hold in a folder within it", async () => {
  const root = await temporaryFolder({
    ".git/info/exclude": "private\n",
    ".gitignore": "*.log\n/inner/deep/out\n",
    "inner/deep/x.log": "",
    "inner/deep/out": "",
    "inner/deep/private": "",
    "inner/deep/kept": "",
  });
  expect(await pathsIn(join(root, "inner/deep"))).toEqual(["kept"]);
});

test("an ignored folder that is asked for by name is walked all the same", async () => {
  const root = await temporaryFolder({
    ".git/HEAD": "",
    ".gitignore": "out\n",
    "out/a": "",
    "out/.gitignore": "b",
    "out/b": "",
  });
  expect(await pathsIn(join(root, "out"))).toEqual([".gitignore", "a"]);
});

test("leaves out .git, node_modules and the excluded folder, at any depth", async () => {
  const root = await temporaryFolder({
    ".git/config": "",
    ".gitignore": "!node_modules\n",
    "node_modules/x/index.js": "",
    "a/node_modules/x/index.js": "",
    "a/report/page.html": "",
    "report/page.html": "",
  });
  const paths = await pathsIn(root, { exclude: join(root, "a", "report") });
  expect(paths).toEqual([".gitignore", "report/page.html"]);
});

test("tells symbolic links and follows none, so loops end", async () => {
  const root = await temporaryFolder({ "a/b/file": "x" });
  await symlink("..", join(root, "a/b/up"));
  await symlink("self", join(root, "self"));
  await symlink("a/b/file", join(root, "link"));
  const walked = await walk(root, { filesMax: 10 }, recordedControls());
  expect(walked.kind === "walked" && walked.entries).toEqual([
    { kind: "file", path: "a/b/file", bytes: 1 },
    { kind: "symlink", path: "a/b/up", bytes: 0 },
    { kind: "symlink", path: "link", bytes: 0 },
    { kind: "symlink", path: "self", bytes: 0 },
  ]);
});

test("keeps unicode names and names with spaces as they are", async () => {
  const root = await temporaryFolder({ "日本/été ü.md": "", "👩‍👩‍👧/x y": "" });
  expect(await pathsIn(root)).toEqual(["日本/été ü.md", "👩‍👩‍👧/x y"]);
});

test("a tree with as many files as allowed is walked, one with more is not", async () => {
  const root = await temporaryFolder({ a: "", "b/c": "", "b/d": "" });
  expect(await pathsIn(root, { filesMax: 3 })).toHaveLength(3);
  const walked = await walk(root, { filesMax: 2 }, recordedControls());
  expect(walked).toEqual({ kind: "too-many-files", filesMax: 2 });
});

test("what is no folder is told with its reason", async () => {
  const root = await temporaryFolder({ file: "" });
  const missing = await walk(join(root, "missing"), { filesMax: 1 }, recordedControls());
  expect(missing).toEqual({ kind: "no-folder", path: join(root, "missing"), reason: "ENOENT" });
  const file = await walk(join(root, "file"), { filesMax: 1 }, recordedControls());
  expect(file).toMatchObject({ kind: "no-folder", reason: "ENOTDIR" });
});

test("counts what can't be read, or is no file, and goes on", async () => {
  const root = await temporaryFolder({ b: "" });
  // Names that are not UTF-8 come back from the file system as other names, which are not there.
  await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), "");
  await mkdir(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xfe])]));
  const socket = createServer();
  await new Promise<void>((listening) => socket.listen(join(root, "socket"), listening));
  const walked = await walk(root, { filesMax: 10 }, recordedControls());
  await new Promise((closed) => socket.close(closed));
  expect(walked).toMatchObject({ unreadable: 3, entries: [{ path: "b" }] });
});

test("an abort ends the walk with its reason", async () => {
  const root = await temporaryFolder({ "a/b/c": "" });
  const abort = new AbortController();
  const controls = { signal: abort.signal, progress: () => abort.abort(new Error("cancelled")) };
  await expect(walk(root, { filesMax: 10 }, controls)).rejects.toThrow("cancelled");
});

test("progress only grows, and ends at one", async () => {
  const root = await temporaryFolder({ "a/x": "", "b/c/x": "", "b/d/x": "", "e/f/g/x": "" });
  await mkdir(join(root, "empty"));
  const controls = recordedControls();
  await walk(root, { filesMax: 10 }, controls);
  expect(controls.fractions).toEqual([...controls.fractions].sort((a, b) => a - b));
  expect(controls.fractions.at(-1)).toBe(1);
  expect(controls.messages.at(-1)).toBe("4 files in 9 folders");
});
