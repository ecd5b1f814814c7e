import { ExecutionStatus, StepStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";
import { OldAgent } from "./agents/old-agent.ts";
import { ended, start, storyOf } from "./executions.ts";

const echo = `
workflow: old-echo
version: 1
steps:
  - { id: echo, capability: old.echo, with: "\${input}", timeout: 1h }
output: "\${steps.echo.output}"
`;
/** Entries that there were before the first feature. */
const firstEntries = new Set(["claim", "dispatch", "cancel", "result_ack", "ping"]);

async function mesh(): Promise<WeftDev> {
  const dev = await startWeftDev(temporaryFolder());
  onTestFinished(() => dev.close());
  return dev;
}

async function startAgent(
  dev: WeftDev,
  agentId: string,
  versions?: { readonly min: number; readonly max: number },
): Promise<OldAgent> {
  const { registry, token } = dev.file;
  const agent = new OldAgent({ registry, token, agentId, ...(versions ? { versions } : {}) });
  await agent.start();
  onTestFinished(() => agent.stop());
  return agent;
}

async function dispatchTo(agent: OldAgent, count: number) {
  await until(`${count} dispatches`, () => agent.dispatches.length >= count);
  return agent.dispatches.at(-1)!;
}

test("an agent from before every feature is told nothing new, and gets and gives 1 MiB in one piece", async () => {
  const dev = await mesh();
  const agent = await startAgent(dev, "old-agent");
  const text = "x".repeat(1024 * 1024 - 2);
  const large = await start(dev, echo, text);
  const dispatch = await dispatchTo(agent, 1);
  expect(dispatch.input.toString()).toBe(JSON.stringify(text));
  await dev.orchestrator.pauseExecution({ executionId: large });
  await dev.orchestrator.resumeExecution({ executionId: large });
  agent.succeed(dispatch);
  const { status, output } = await ended(dev, large, PayloadForm.DATA);
  expect(status).toBe(ExecutionStatus.SUCCEEDED);
  expect(Buffer.from(output?.content.value as Uint8Array).toString()).toBe(JSON.stringify(text));

  const cancelled = await start(dev, echo, 1);
  const { dispatch_id } = await dispatchTo(agent, 2);
  await dev.orchestrator.cancelExecution({ executionId: cancelled });
  await until("the cancel", () => agent.cancelled.length > 0);
  expect(agent.cancelled).toEqual([dispatch_id]);
  await until("some pings", () => agent.told.filter((kind) => kind === "ping").length >= 3);
  expect(agent.told.filter((kind) => !firstEntries.has(kind))).toEqual([]);
  expect(agent.told).toContain("result_ack");
  expect(agent.hellos).toBe(1);
}, 60_000);

test("what an agent says and must be understood is answered; what else is unknown is passed over", async () => {
  const dev = await mesh();
  const agent = await startAgent(dev, "old-agent");
  const executionId = await start(dev, echo, 1);
  const dispatch = await dispatchTo(agent, 1);
  agent.say({ must_understand: false }, { must_understand: true });
  await until("the answer", () => agent.unsupported.length > 0);
  agent.succeed(dispatch);
  expect((await ended(dev, executionId)).status).toBe(ExecutionStatus.SUCCEEDED);
  expect(agent.unsupported).toEqual(["protocol version 1 has no such entry"]);
  expect(agent.hellos).toBe(1);
}, 60_000);

test("an agent without a common version gets nothing; its steps wait for one that has", async () => {
  const dev = await mesh();
  const newer = await startAgent(dev, "from-the-future", { min: 2, max: 3 });
  const executionId = await start(dev, echo, 1);
  await until("two tries to connect", () => newer.hellos >= 2);
  const { execution } = await dev.orchestrator.getExecution({ executionId });
  expect(execution?.steps[0]?.status).not.toBe(StepStatus.RUNNING);
  expect(dev.process.output()).toContain("this agent speaks versions 2 to 3");

  const old = await startAgent(dev, "old-agent", { min: 0, max: 1 });
  old.succeed(await dispatchTo(old, 1));
  await ended(dev, executionId);
  expect(newer.told).toEqual([]);
  expect(await storyOf(dev, executionId)).toEqual([
    "executionStarted",
    "stepStarted",
    "stepSucceeded",
    "executionSucceeded",
  ]);
}, 60_000);
