import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

const threeEchoes = `
workflow: three-echoes
version: 1
mode: sequential
steps:
  - { id: first, capability: test.echo, with: { n: "\${input.n}" } }
  - { id: second, capability: test.echo, with: "\${steps.first.output}" }
  - { id: third, capability: test.echo, with: "\${steps.second.output}" }
output: "\${steps.third.output.n}"
`;

const gated = `
workflow: gated
version: 1
steps:
  - { id: wait, capability: test.gate, with: { gate: "\${input}" } }
`;

async function startDev(cwd: string): Promise<WeftDev> {
  const dev = await startWeftDev(cwd);
  onTestFinished(() => dev.close());
  return dev;
}

function startAgent(folder: string, id: string): TestProcess {
  const agent = startProcess("test/mesh/agents/recorder.ts", [folder, id], { cwd: folder });
  onTestFinished(() => agent.end());
  return agent;
}

function start(dev: WeftDev, name: string, input: unknown): Promise<string> {
  const content = { case: "data" as const, value: Buffer.from(JSON.stringify(input)) };
  return dev.orchestrator
    .startExecution({ workflow: { case: "reference", value: { name } }, input: { content } })
    .then(({ executionId }) => executionId);
}

async function ended(dev: WeftDev, executionId: string) {
  return until(`the end of ${executionId}`, async () => {
    const { execution } = await dev.orchestrator.awaitExecution({ executionId, payloads: PayloadForm.DATA });
    return execution?.endTime && execution;
  });
}

async function register(dev: WeftDev, document: string): Promise<void> {
  await dev.orchestrator.registerWorkflow({ source: { source: { case: "document", value: document } } });
}

test("kill -9 of weft dev in the middle of 200 executions loses none, and no step succeeds twice", async () => {
  const folder = temporaryFolder();
  const before = await startDev(folder);
  startAgent(folder, "agent-1");
  await register(before, threeEchoes);
  const ids = await Promise.all(Array.from({ length: 200 }, (_, n) => start(before, "three-echoes", { n })));
  const runs = join(folder, "runs-agent-1");
  await until(
    "some steps to have run",
    () => existsSync(runs) && readFileSync(runs, "utf8").split("\n").length > 50,
  );
  before.process.kill("SIGKILL");
  await before.process.ended;

  const after = await startDev(folder);
  expect(after.file.orchestrator).toBe(before.file.orchestrator);
  const executions = await Promise.all(ids.map((id) => ended(after, id)));
  expect(executions.map(({ status }) => status)).toEqual(ids.map(() => ExecutionStatus.SUCCEEDED));
  const outputs = executions.map(({ output }) => Buffer.from(output?.content.value as Uint8Array).toString());
  expect(outputs).toEqual(ids.map((_, n) => String(n)));
  for (const executionId of ids) {
    const { events } = await after.orchestrator.listEvents({ executionId, pageSize: 1000 });
    const succeeded = events.flatMap(({ event }) =>
      event.case === "stepSucceeded" ? [event.value.stepId] : [],
    );
    expect(succeeded).toEqual(["first", "second", "third"]);
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_, index) => index + 1));
  }
}, 120_000);

test("a step whose agent is killed in the middle ends on another", async () => {
  const folder = temporaryFolder();
  const dev = await startDev(folder);
  const agents = new Map(["agent-1", "agent-2"].map((id) => [id, startAgent(folder, id)]));
  await register(dev, gated);
  await until("both agents", async () => (await dev.registry.listAgents({})).agents.length === 2);
  const executionId = await start(dev, "gated", "gate");
  const first = await until("the step to run", () =>
    [...agents.keys()].find((id) => existsSync(join(folder, `runs-${id}`))),
  );
  agents.get(first)!.kill("SIGKILL");
  const other = [...agents.keys()].find((id) => id !== first)!;
  await until("the other agent to run it", () => existsSync(join(folder, `runs-${other}`)));
  writeFileSync(join(folder, "gate"), "");

  const execution = await ended(dev, executionId);
  expect(execution.status).toBe(ExecutionStatus.SUCCEEDED);
  expect(execution.steps[0]).toMatchObject({ agentId: other, attempt: 1 });
  const { events } = await dev.orchestrator.listEvents({ executionId });
  // Queued at first, if no session was open yet.
  const story = events.map(({ event }) => event.case).filter((kind) => kind !== "stepQueued");
  expect(story).toEqual([
    "executionStarted",
    "stepStarted",
    "stepInterrupted",
    "stepStarted",
    "stepSucceeded",
    "executionSucceeded",
  ]);
  const key = `${executionId}/wait\n`;
  expect([first, other].map((id) => readFileSync(join(folder, `runs-${id}`), "utf8"))).toEqual([key, key]);
}, 60_000);
