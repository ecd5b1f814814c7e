import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { linesOf } from "./lines.ts";
import { temporaryFolders } from "./testing/temporary-folder.ts";

const temporaryFolder = temporaryFolders(onTestFinished);

async function allOf(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(path, new AbortController().signal)) lines.push(line);
  return lines;
}

test("lines longer than what is read at once stay whole, and only a newline ends one", async () => {
  const lines = ["a\u2028b\rc", "é".repeat(100_000), "", "日".repeat(50_000)];
  const folder = await temporaryFolder({ whole: `${lines.join("\n")}\n`, half: lines.join("\n") });
  expect(await allOf(join(folder, "whole"))).toEqual(lines);
  expect(await allOf(join(folder, "half"))).toEqual(lines);
});

test("an empty file has no lines", async () => {
  const folder = await temporaryFolder({ empty: "" });
  expect(await allOf(join(folder, "empty"))).toEqual([]);
});

test("a line without end is refused before it fills the memory", async () => {
  const folder = await temporaryFolder({ endless: "x".repeat(2_000_000) });
  await expect(allOf(join(folder, "endless"))).rejects.toThrow("more than 1048576");
});
