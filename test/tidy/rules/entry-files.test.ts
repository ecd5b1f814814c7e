import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { entryFiles } from "./entry-files.ts";

describe("entry files", () => {
  it("allows an index.ts that is an entry and lists its exports", () => {
    const source = 'export { pick } from "./pick.ts";\nexport type { Candidate } from "./candidate.ts";';
    const sources = { "libs/balancer/src/index.ts": source, "libs/runtime/src/grpc/index.ts": source };
    expect(breaches(entryFiles, sources)).toEqual([]);
  });

  it("refuses a barrel inside a package, which a wildcard entry does not excuse", () => {
    expect(breaches(entryFiles, { "libs/runtime/src/nats/index.ts": "" })).toEqual([
      "libs/runtime/src/nats/index.ts:1 a barrel inside a package",
    ]);
  });

  it("refuses a fixture", () => {
    const exports = { ".": "./src/index.ts", "./hand": "./src/hand.fixture.ts" };
    const manifest = JSON.stringify({ name: "@weft/cli", exports });
    expect(breaches(entryFiles, { "services/cli/package.json": manifest })).toEqual([
      "services/cli/package.json:1 the entry ./hand is a fixture",
    ]);
  });

  it("refuses export *", () => {
    const sources = { "libs/balancer/src/index.ts": '\nexport * from "./pick.ts";' };
    expect(breaches(entryFiles, sources)).toEqual(["libs/balancer/src/index.ts:2 export *"]);
  });
});
