import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { packageBorders } from "./package-borders.ts";

describe("package borders", () => {
  it.each([
    ["services/orchestrator/src/app/a.ts", "@weft/balancer"],
    ["services/orchestrator/src/app/a.ts", "@weft/runtime/clock"],
    ["services/agent-sdk/src/a.ts", "@weft/runtime/grpc"],
    ["services/agent-sdk/src/a.ts", "@weft/proto/weft/agent/v1/agent_pb"],
    ["services/cli/src/dev.ts", "@weft/orchestrator"],
    ["services/cli/src/dev/start.ts", "@weft/registry"],
    ["libs/runtime/src/a.ts", "@weft/proto/weft/agent/v1/agent_pb"],
    ["examples/report/agent.ts", "@weft/agent-sdk"],
    ["test/mesh/a.test.ts", "@weft/orchestrator"],
  ])("lets %s import %s", (path, specifier) => {
    expect(breaches(packageBorders, { [path]: `import {} from "${specifier}";` })).toEqual([]);
  });

  it.each([
    ["services/orchestrator/src/app/a.ts", "@weft/registry"],
    ["services/registry/src/dev.ts", "@weft/orchestrator"],
    ["services/cli/src/commands/run.ts", "@weft/orchestrator"],
    ["services/cli/src/device.ts", "@weft/orchestrator"],
    ["services/agent-sdk/src/a.ts", "@weft/runtime/clock"],
    ["services/agent-sdk/src/a.ts", "@weft/balancer"],
    ["libs/balancer/src/a.ts", "@weft/orchestrator"],
    ["proto/check.ts", "@weft/runtime/grpc"],
    ["libs/runtime/src/a.ts", "@weft/runtime/clock"],
  ])("refuses that %s imports %s", (path, specifier) => {
    const found = breaches(packageBorders, { [path]: `import type {} from "${specifier}";` });
    expect(found).toEqual([`${path}:1 it imports ${specifier}`]);
  });
});
