import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

const shouting = `
workflow: shouting
version: 1
steps:
  - { id: once, capability: text.shout, with: { text: "\${input.text}" } }
  - { id: twice, capability: text.shout, with: { text: "\${steps.once.output}!" } }
output: "\${steps.twice.output}"
`;

async function startDev(folder: string): Promise<WeftDev> {
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  return dev;
}

async function startPlainAgent({ file, registry }: WeftDev): Promise<TestProcess> {
  const agent = startProcess("examples/plain-agent/agent.js", [file.registry, file.token]);
  onTestFinished(() => agent.end());
  await until(
    () => `the agent to attach; it said: ${agent.output()}`,
    async () =>
      (await registry.listAgents({})).agents.some(({ agentId }) => agentId === `plain-${agent.pid}`),
    20_000,
  );
  return agent;
}

async function start({ orchestrator }: WeftDev, input: unknown): Promise<string> {
  const content = { case: "data" as const, value: Buffer.from(JSON.stringify(input)) };
  const source = { source: { case: "document" as const, value: shouting } };
  const workflow = { case: "source" as const, value: source };
  return (await orchestrator.startExecution({ workflow, input: { content } })).executionId;
}

function ended({ orchestrator }: WeftDev, executionId: string) {
  return until(`the end of ${executionId}`, async () => {
    const { execution } = await orchestrator.awaitExecution({ executionId, payloads: PayloadForm.DATA });
    return execution?.endTime && execution;
  });
}

/** The output of one whole execution. */
async function shout(dev: WeftDev, text: string): Promise<string> {
  const { status, output, failure } = await ended(dev, await start(dev, { text }));
  expect(status, failure?.message).toBe(ExecutionStatus.SUCCEEDED);
  return Buffer.from(output?.content.value as Uint8Array).toString();
}

test("an agent of forty lines and no SDK runs steps, also after kill -9 of weft dev", async () => {
  const folder = temporaryFolder();
  const before = await startDev(folder);
  await startPlainAgent(before);
  expect(await shout(before, "hello")).toBe('"HELLO!"');
  before.process.kill("SIGKILL");
  await before.process.ended;

  const after = await startDev(folder);
  expect(await shout(after, "and again")).toBe('"AND AGAIN!"');
}, 60_000);

test("what such an agent refuses fails its step, with the agent's own words", async () => {
  const dev = await startDev(temporaryFolder());
  await startPlainAgent(dev);
  const { status, failure } = await ended(dev, await start(dev, { text: 7 }));
  expect(status).toBe(ExecutionStatus.FAILED);
  expect(failure?.message).toContain("the input has no text");
}, 60_000);

test("steps wait while such an agent is dead, and go to the one that is started next", async () => {
  const dev = await startDev(temporaryFolder());
  const first = await startPlainAgent(dev);
  expect(await shout(dev, "one")).toBe('"ONE!"');
  first.kill("SIGKILL");
  await first.ended;
  const executionId = await start(dev, { text: "two" });
  await startPlainAgent(dev);
  const { status, steps } = await ended(dev, executionId);
  expect(status).toBe(ExecutionStatus.SUCCEEDED);
  expect(steps.map(({ agentId }) => agentId)).not.toContain(`plain-${first.pid}`);
}, 60_000);

test("such an agent takes its leave when it is told to stop", async () => {
  const dev = await startDev(temporaryFolder());
  const agent = await startPlainAgent(dev);
  agent.kill("SIGTERM");
  await agent.ended;
  expect((await dev.registry.listAgents({})).agents).toEqual([]);
}, 60_000);
