import { readFileSync } from "node:fs";
import { createOrchestrator, orchestratorDefaults } from "@weft/orchestrator";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Client, createChannel } from "@weft/runtime/grpc";
import { describe, expect, it, onTestFinished } from "vitest";

function pageOf(name: string): string {
  return readFileSync(`${import.meta.dirname}/../../docs/reference/${name}.md`, "utf8");
}

async function orchestrator(): Promise<Client<typeof OrchestratorService>> {
  const service = createOrchestrator({
    ...orchestratorDefaults,
    address: "127.0.0.1:0",
    registryAddress: "127.0.0.1:1",
    token: "secret",
    dataDirectory: undefined,
    orchestratorId: "docs",
  });
  const { port } = await service.start();
  const channel = createChannel({ address: `127.0.0.1:${port}`, token: "secret" });
  onTestFinished(async () => {
    channel.close();
    await service.stop();
  });
  return channel.client(OrchestratorService);
}

describe("the page on definitions", () => {
  const page = pageOf("definitions");
  const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text!);

  it("has examples that all register, without a warning", async () => {
    const client = await orchestrator();
    expect(examples.length).toBeGreaterThan(5);
    for (const value of examples) {
      const source = { source: { case: "document" as const, value } };
      const { created, warnings } = await client.registerWorkflow({ source });
      expect([value, created, warnings]).toEqual([value, true, []]);
    }
  });

  it.each(
    "onFailure vars when join optional atMostOnce queueTimeout heartbeatTimeout dependsOn timeout retry with output labels".split(
      " ",
    ),
  )("shows %s in an example", (key) => {
    expect(examples.some((text) => new RegExp(`\\b${key}:`).test(text))).toBe(true);
  });
});

describe("the page on limits", () => {
  it("has every limit that can be set, with its variable and default", () => {
    const rows = [...pageOf("limits").matchAll(/^\| `(\w+)` \| `WEFT_(\w+)` \| (\d+) \|/gm)];
    const shown = rows.map(([, name, variable, value]) => [name, variable, Number(value)]);
    const { definitionLimits, executionLimits, executionsInFlightMax } = orchestratorDefaults;
    const limits = { ...definitionLimits, ...executionLimits, executionsInFlightMax };
    const variableOf = (name: string) => name.replace(/[A-Z]/g, "_$&").toUpperCase();
    expect(shown).toEqual(Object.entries(limits).map(([name, value]) => [name, variableOf(name), value]));
  });
});
