import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readPayload } from "./payload-argument.ts";

async function read(...given: readonly string[]): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), "weft-input-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "input.json"), '{"path": ".", "deep": {"n": 1}}');
  writeFileSync(join(directory, "bad.json"), "path: .");
  return readPayload(given, "--input", { directory, readInput: () => Promise.resolve('["from", "stdin"]') });
}

describe("the input of an execution", () => {
  it("is JSON", async () => {
    expect(await read('{"path": "."}')).toEqual({ path: "." });
    expect(await read("[1, 2]")).toEqual([1, 2]);
    expect(await read('"text"')).toBe("text");
    expect(await read("null")).toBeNull();
    expect(await read()).toBeUndefined();
  });

  it("is a file, or standard input", async () => {
    expect(await read("@input.json")).toEqual({ path: ".", deep: { n: 1 } });
    expect(await read("@-")).toEqual(["from", "stdin"]);
  });

  it("is put together from keys, whose values are JSON where they can be", async () => {
    expect(await read("path=a=b", "count=3", "on=true", 'id="3"', "list=[1]", "empty=")).toEqual({
      path: "a=b",
      count: 3,
      on: true,
      id: "3",
      list: [1],
      empty: "",
    });
    expect(await read("@input.json", "path=src")).toEqual({ path: "src", deep: { n: 1 } });
  });

  it("is refused with a way out", async () => {
    await expect(read("text")).rejects.toMatchObject({
      message: "--input text: neither JSON nor key=value",
      hints: [`a text is JSON in quotes: --input '"text"'`],
      exitCode: 2,
    });
    await expect(read("@missing.json")).rejects.toThrowError("there is no file missing.json");
    await expect(read("@bad.json")).rejects.toThrowError("--input @bad.json: the file does not hold JSON");
    await expect(read("a=1", "[1]")).rejects.toThrowError("--input [1]: it is not an object");
  });
});
