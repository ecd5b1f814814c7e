import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { collect } from "../collect/collect.ts";
import { readSnapshot } from "../snapshot.ts";
import { recordedControls } from "../testing/recorded-controls.ts";
import { temporaryFolders } from "../testing/temporary-folder.ts";
import { check, problemsMax, sortOut } from "./check.ts";
import type { Findings, Problem } from "./findings.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

const wellKept = { "README.md": "# A\n", LICENSE: "Do what you like.\n" };

/** What the checks say of a folder, as `severity rule path:line: message`. */
async function problemsIn(root: string): Promise<string[]> {
  const { problems } = await findingsIn(root);
  return problems.map(({ severity, rule, path, line, message }) => {
    return `${severity} ${rule} ${path ?? "-"}:${line ?? "-"}: ${message}`;
  });
}

async function findingsIn(root: string): Promise<Findings> {
  const reportFolder = await temporaryFolder();
  const snapshot = join(reportFolder, "snapshot.ndjson");
  const controls = recordedControls();
  await collect({ path: root, snapshot, reportFolder }, controls);
  const reading = await readSnapshot(snapshot, controls.signal);
  if (reading.kind !== "read") throw new Error(reading.kind);
  return check(reading.snapshot, controls);
}

test("a well-kept folder has no problems, and what was looked at is told", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    "docs/guide.md": "# Guide\n\nBack to the [start](../README.md#a), [below](#Below).\n\n## Below\n",
    "docs/with space.md":
      "See [guide](guide.md), ![logo](<../img/logo 1.svg>), [folder](../img/), [web](https://example.org).\n",
    "img/logo 1.svg": "<svg/>",
    "docs/escaped.md": "[space](with%20space.md) [code](../src/a.ts#L10) [root](/README.md)\n",
    "src/a.ts": "export {};\n",
  });
  expect(await findingsIn(root)).toEqual({
    problems: [],
    counts: { error: 0, warning: 0, note: 0 },
    dropped: 0,
    checked: { textFiles: 7, markdownFiles: 4, links: 8 },
    unchecked: 0,
  });
});

test("broken links, images and anchors are told where they stand", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    "docs/a.md":
      "# A\n\n[gone](gone.md)\n![gone](../gone.png)\n[no heading](#b)\n[there neither](../README.md#b)\n[bad](50%.md)\n",
  });
  expect(await problemsIn(root)).toEqual([
    "error broken-link docs/a.md:3: `gone.md` does not exist",
    "error broken-link docs/a.md:7: `50%.md` has a broken % escape",
    "error broken-image docs/a.md:4: `../gone.png` does not exist",
    "warning broken-anchor docs/a.md:5: no heading in this file makes `#b`",
    "warning broken-anchor docs/a.md:6: no heading in `README.md` makes `#b`",
  ]);
});

test("a link that misses by case or by its ending gets a hint", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    "docs/a.md": "[case](../readme.MD) [ending](guide)\n",
    "docs/guide.md": "",
  });
  expect(await problemsIn(root)).toEqual([
    "error broken-link docs/a.md:1: `../readme.MD` does not exist; `README.md` does, which differs by case",
    "error broken-link docs/a.md:1: `guide` does not exist; `docs/guide.md` does",
  ]);
});

test("a link to what git ignores is a warning, one out of the repository a note", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    ".gitignore": "out\n",
    "out/page.html": "",
    "a.md": "[built](out/page.html) [issues](../../nowhere/issues)\n",
  });
  expect(await problemsIn(root)).toEqual([
    "warning ignored-target a.md:1: `out/page.html` is here, but not in the repository",
    "note outside-target a.md:1: `../../nowhere/issues` is not part of this",
  ]);
});

test("links to and through symbolic links are sound when they lead somewhere", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    "real/b.md": "",
    "a.md": "[link](link) [through](link/b.md) [gone](link/c.md)\n",
  });
  await symlink("real", join(root, "link"));
  expect(await problemsIn(root)).toEqual(["error broken-link a.md:1: `link/c.md` does not exist"]);
});

test("a folder without a README and a licence gets a warning for each", async () => {
  const root = await temporaryFolder({ "sub/README.md": "", "sub/LICENSE": "" });
  expect((await findingsIn(root)).problems.map((problem) => problem.rule)).toEqual([
    "missing-readme",
    "missing-licence",
  ]);
});

test.each([["COPYING"], ["LICENSE-APACHE"], ["licence.txt"], ["UNLICENSE"], ["LICENSES/MIT.txt"]])(
  "%s is a licence",
  async (name) => {
    const root = await temporaryFolder({ "readme.rst": "", [name]: "" });
    expect(await problemsIn(root)).toEqual([]);
  },
);

test("files over the limits, long sources and clashing names are told", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    "big.bin": Buffer.alloc(1024 * 1024 + 1),
    "fits.bin": Buffer.alloc(1024 * 1024),
    "long.ts": "a;\n".repeat(1_001),
    "lists.md": "a\n".repeat(1_001),
    "Same.md": "",
    "same.md": "",
  });
  expect(await problemsIn(root)).toEqual([
    "warning oversized-file big.bin:-: 1.05 MB in every clone",
    "warning case-clash Same.md:-: the same name as `same.md` where case is ignored",
    "note long-file long.ts:-: 1,001 lines",
  ]);
});

test("too large a text is not read, and told as such", async () => {
  const root = await temporaryFolder({
    ...wellKept,
    "huge.md": `[gone](gone.md)\n${"x".repeat(2 * 1024 * 1024)}`,
  });
  const { checked, unchecked, problems } = await findingsIn(root);
  expect({ ...checked, unchecked }).toEqual({ textFiles: 2, markdownFiles: 1, links: 0, unchecked: 1 });
  expect(problems.map((problem) => problem.rule)).toEqual(["oversized-file"]);
});

test("an abort ends the checks with its reason", async () => {
  const root = await temporaryFolder(wellKept);
  const reportFolder = await temporaryFolder();
  const snapshot = join(reportFolder, "snapshot.ndjson");
  await collect({ path: root, snapshot, reportFolder }, recordedControls());
  const reading = await readSnapshot(snapshot, new AbortController().signal);
  if (reading.kind !== "read") throw new Error(reading.kind);
  const controls = recordedControls(AbortSignal.abort(new Error("cancelled")));
  await expect(check(reading.snapshot, controls)).rejects.toThrow("cancelled");
});

test("keeps the worst problems, and counts them all", () => {
  const note: Problem = { rule: "long-file", severity: "note", path: "a", line: null, message: "" };
  const error: Problem = { ...note, rule: "broken-link", severity: "error", path: "z" };
  const sorted = sortOut([...Array.from({ length: problemsMax + 1 }, () => note), error]);
  expect(sorted.problems[0]).toBe(error);
  expect(sorted.problems).toHaveLength(problemsMax);
  expect(sorted).toMatchObject({ counts: { error: 1, warning: 0, note: problemsMax + 1 }, dropped: 2 });
});
