import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { packageDoors } from "./package-doors.ts";

const file = "services/orchestrator/src/app/engine.ts";

describe("package doors", () => {
  it.each([
    "@weft/balancer",
    "@weft/runtime/nats/connection",
    "@weft/runtime/grpc",
    "../core/decide.ts",
    "yaml",
  ])("lets a file import %s", (specifier) => {
    expect(breaches(packageDoors, { [file]: `import {} from "${specifier}";` })).toEqual([]);
  });

  it.each(["@weft/balancer/src/pick.ts", "@weft/runtime", "@weft/runtime/grpc/server"])(
    "refuses %s, which no exports entry offers",
    (specifier) => {
      expect(breaches(packageDoors, { [file]: `import {} from "${specifier}";` })).toHaveLength(1);
    },
  );

  it("lets the tests at the root alone go to a fixture by its path", () => {
    const fixture = "services/orchestrator/src/core/tale.fixture.ts";
    const sources = {
      "test/corpus/a.test.ts": `import "../../${fixture}";`,
      "services/registry/src/core/a.test.ts": `import "../../../../${fixture}";`,
    };
    expect(breaches(packageDoors, sources)).toEqual([
      `services/registry/src/core/a.test.ts:1 ../../../../${fixture} leaves @weft/registry`,
    ]);
  });

  it("refuses a relative path out of the package", () => {
    const sources = {
      [file]: 'import "../../../registry/src/core/agent.ts";',
      "test/mesh/a.test.ts": 'import "../../services/cli/src/dev.ts";',
    };
    expect(breaches(packageDoors, sources)).toEqual([
      `${file}:1 ../../../registry/src/core/agent.ts leaves @weft/orchestrator`,
      "test/mesh/a.test.ts:1 ../../services/cli/src/dev.ts leaves weft",
    ]);
  });
});
