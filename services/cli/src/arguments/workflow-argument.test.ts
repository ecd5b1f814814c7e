import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseWorkflow, readDefinition } from "./workflow-argument.ts";

describe("what a workflow is named by", () => {
  it("is a name, with a version or without", () => {
    expect(parseWorkflow("report")).toEqual({ kind: "reference", name: "report", version: 0 });
    expect(parseWorkflow("report@3")).toEqual({ kind: "reference", name: "report", version: 3 });
  });

  it("is a file where it could not be a name", () => {
    for (const file of ["flow.yaml", "./flow", "/tmp/flow", "-", "report@0", "Report"])
      expect(parseWorkflow(file)).toEqual({ kind: "file", file });
  });
});

describe("a definition", () => {
  it("is read from a file, or from standard input", async () => {
    const directory = mkdtempSync(join(tmpdir(), "weft-definition-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, "flow.yaml"), "workflow: x");
    const source = { directory, readInput: () => Promise.resolve("workflow: y") };
    expect(await readDefinition("flow.yaml", source)).toEqual({ file: "flow.yaml", text: "workflow: x" });
    expect(await readDefinition("-", source)).toEqual({ file: "(standard input)", text: "workflow: y" });
    await expect(readDefinition("none.yaml", source)).rejects.toThrowError("there is no file none.yaml");
    await expect(readDefinition(".", source)).rejects.toThrowError(". is a folder");
    await expect(readDefinition("flow.yaml/x", source)).rejects.toThrowError(
      "flow.yaml/x can't be read: ENOTDIR",
    );
  });
});
