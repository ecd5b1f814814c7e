import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { environment } from "./environment.ts";

describe("environment", () => {
  it.each([
    "const port = process.env.PORT;",
    'const port = process["env"].PORT;',
    "const port = globalThis.process.env.PORT;",
    "const { env } = process;",
    'import { env } from "node:process";',
  ])("refuses %s outside config.ts", (source) => {
    const file = "services/registry/src/app/leases.ts";
    expect(breaches(environment, { [file]: source })).toEqual([`${file}:1 it reads process.env`]);
  });

  it("allows it in config.ts, and the rest of process everywhere", () => {
    const sources = {
      "services/registry/src/config.ts": "export const port = process.env.PORT;",
      "services/cli/src/main.ts":
        "process.exitCode = run(process.argv); const { env } = options; const { argv } = process;",
    };
    expect(breaches(environment, sources)).toEqual([]);
  });

  it("leaves tests, harness and examples alone", () => {
    const source = "const home = process.env.HOME;";
    expect(breaches(environment, { "test/harness/node.ts": source, "examples/report/a.ts": source })).toEqual(
      [],
    );
  });
});
