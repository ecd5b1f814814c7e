import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { declaredDependencies } from "./declared-dependencies.ts";

describe("declared dependencies", () => {
  it("allows what package.json names, builtins, and the root's test tools in tests", () => {
    const sources = {
      "services/orchestrator/src/app/a.ts": 'import "yaml"; import "@weft/runtime/clock"; import "node:fs";',
      "services/orchestrator/src/app/a.test.ts": 'import "vitest";',
      "test/interop/plain.test.ts": 'import "@grpc/proto-loader";',
    };
    expect(breaches(declaredDependencies, sources)).toEqual([]);
  });

  it("refuses what npm only happens to have hoisted", () => {
    const file = "services/registry/src/app/a.ts";
    const source = 'import "yaml";\nimport "@weft/runtime/clock";\nimport "vitest";';
    expect(breaches(declaredDependencies, { [file]: source })).toEqual([
      `${file}:1 @weft/registry does not declare yaml`,
      `${file}:2 @weft/registry does not declare @weft/runtime`,
      `${file}:3 @weft/registry does not declare vitest`,
    ]);
  });
});
