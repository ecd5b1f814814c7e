import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolders } from "./testing/temporary-folder.ts";
import { writeWhole } from "./write-whole.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

test("writes a file and its folder, and replaces what was there", async () => {
  const folder = await temporaryFolder();
  await writeWhole(join(folder, "a/b.txt"), "one");
  await writeWhole(join(folder, "a/b.txt"), ["t", "w", "o"]);
  expect(await readFile(join(folder, "a/b.txt"), "utf8")).toBe("two");
  expect(await readdir(join(folder, "a"))).toEqual(["b.txt"]);
});

test("a write that fails leaves the old file, and no draft", async () => {
  const folder = await temporaryFolder({ "b.txt": "old" });
  function* broken(): Generator<string> {
    yield "new";
    throw new Error("broken");
  }
  await expect(writeWhole(join(folder, "b.txt"), broken())).rejects.toThrow("broken");
  expect(await readFile(join(folder, "b.txt"), "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["b.txt"]);
});
