import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { orchestratorService, registryService, testToken } from "../harness/services.ts";
import { until } from "../harness/until.ts";
import { startOf } from "./executions.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/reference/logs.md"), "utf8");

type Line = Readonly<Record<string, unknown>> & { readonly message: string; readonly level: string };

/** Whole lines of JSON of a process. */
function linesOf(process: TestProcess): readonly Line[] {
  const lines = process.output().split("\n").slice(0, -1);
  return lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));
}

/** The rows of the page: what a line says, and the fields that it has besides those of all lines. */
const promised = [...page.matchAll(/^\| (\w[\w-]*) \| (\w+) \| `([^`]+)` \|(.*)\|$/gm)].map(
  ([, service, level, message, fields]) => ({
    service: service!,
    level: level!,
    message: message!,
    fields: [...fields!.matchAll(/`(\w+)`/g)].map(([, name]) => name!).sort(),
  }),
);
const ofAll = ["level", "time", "message", "service", "agent", "agentId"];

function hears(process: TestProcess, what: string): Promise<boolean> {
  return until(`"${what}" in the log`, () => process.output().includes(what));
}

const definition = (capability: string, retry = "none") => `
workflow: talk
version: 1
retry: ${retry}
steps: [{ id: one, capability: ${capability}, with: "\${input}" }]
`;

test("the main lines of the log have the fields that the reference says, and no secret is in any", async () => {
  const registry = await registryService();
  const env = { WEFT_PAYLOAD_BYTES_WARN: "20", WEFT_TRACES_FILE: join(temporaryFolder(), "spans.jsonl") };
  const orchestrator = await orchestratorService(temporaryFolder(), registry.address, { env });
  const services = { registry: await registry.start(), orchestrator: await orchestrator.start() };
  const agentEnv = { WEFT_REGISTRY: registry.address, WEFT_TOKEN: testToken };
  const agent = startProcess("test/mesh/agents/talkative.ts", [], { env: agentEnv });
  onTestFinished(() => agent.end());
  const run = async (document: string, input: unknown) => {
    const { executionId } = await orchestrator.client.startExecution(startOf(document, input));
    await orchestrator.client.awaitExecution({ executionId });
    return executionId;
  };
  const talked = await run(definition("talk.say"), "a payload of more than twenty bytes");
  const threw = await run(definition("talk.throw"), 1);
  for (let failures = 0; failures < 4; failures++) await run(definition("talk.fail"), 1);

  agent.kill("SIGTERM");
  await agent.ended;
  await hears(services.orchestrator, "session lost");
  await hears(services.registry, "agent.gone");
  services.registry.kill("SIGTERM");
  await hears(services.orchestrator, "registry lost");
  services.orchestrator.kill("SIGTERM");
  await Promise.all([services.registry.ended, services.orchestrator.ended]);
  const said = Object.entries({ ...services, agent }).flatMap(([service, process]) =>
    linesOf(process).map((line) => ({ service, line })),
  );
  for (const { service, level, message, fields } of promised) {
    const found = said.filter((each) => each.service === service && each.line.message === message);
    const names = new Set(found.flatMap(({ line }) => Object.keys(line)));
    const own = [...names].filter((name) => !ofAll.includes(name) || fields.includes(name)).sort();
    expect([service, message, found[0]?.line.level, own]).toEqual([service, message, level, fields]);
  }
  expect(promised.length).toBeGreaterThan(12);

  // Every line about an execution says which, of what namespace, and in which trace.
  const about = said.filter(({ line }) => "executionId" in line).map(({ line }) => line);
  expect(new Set(about.map(({ executionId }) => executionId))).toContain(talked);
  expect(new Set(about.map(({ executionId }) => executionId))).toContain(threw);
  for (const line of about)
    expect(line).toMatchObject({ namespace: "default", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  const all = [services.registry, services.orchestrator, agent].map((process) => process.output()).join("");
  for (const secret of [testToken, "sesame"]) expect(all).not.toContain(secret);
}, 60_000);
