import { describe, expect, it } from "vitest";
import { runStages, type Stage } from "./stages.ts";

async function run(...stages: readonly Stage[]) {
  const lines: string[] = [];
  const passed = await runStages(stages, {
    directory: import.meta.dirname,
    environment: process.env,
    atOnceMax: 2,
    print: (line) => lines.push(line.replace(/\d+\.\d s/g, "T")),
  });
  return { passed, lines };
}

describe("the stages of a check", () => {
  it("say one line each while they pass, and keep their output to themselves", async () => {
    const { passed, lines } = await run(
      { name: "types", command: "echo fine" },
      { name: "lint", command: "true" },
    );
    expect(passed).toBe(true);
    expect(lines.toSorted()).toEqual(["all ok in T", "lint   ok      T", "types  ok      T"]);
  });

  it("show all that a failed one said, and run to the end", async () => {
    const { passed, lines } = await run(
      { name: "lint", command: "echo out && echo err >&2 && exit 3" },
      { name: "types", command: "true" },
      { name: "tidy", command: "kill -9 $$" },
    );
    expect(passed).toBe(false);
    expect(lines).toContain("lint   failed  T");
    expect(lines).toContain("out\nerr");
    expect(lines).toContain("types  ok      T");
    expect(lines).toContain("tidy   failed  T");
    expect(lines.at(-1)).toMatch(/^failed in T: (lint, tidy|tidy, lint)$/);
  });
});
