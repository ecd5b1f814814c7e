import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code } from "@weft/proto/google/rpc/code_pb";
import { AgentShortage } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus, StepStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

let folder: string;
let dev: WeftDev;
let agent: TestProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-"));
  dev = await startWeftDev(folder);
  agent = startProcess("test/mesh/agents/recorder.ts", [folder, "agent-1"], { cwd: folder });
});

afterAll(async () => {
  await agent.end();
  await dev.close();
  rmSync(folder, { recursive: true });
});

async function start(document: string, input: unknown = {}): Promise<string> {
  const { executionId } = await dev.orchestrator.startExecution({
    workflow: { case: "source", value: { source: { case: "document", value: document } } },
    input: { content: { case: "data", value: Buffer.from(JSON.stringify(input)) } },
  });
  return executionId;
}

async function get(executionId: string) {
  const { execution } = await dev.orchestrator.getExecution({ executionId, payloads: PayloadForm.DATA });
  if (!execution) throw new Error("no execution");
  return execution;
}

async function ended(executionId: string) {
  return until(`the end of ${executionId}`, async () => {
    const { execution } = await dev.orchestrator.awaitExecution({ executionId, payloads: PayloadForm.DATA });
    return execution?.endTime && execution;
  });
}

async function statusOfStep(executionId: string, stepId: string): Promise<StepStatus | undefined> {
  return (await get(executionId)).steps.find((step) => step.stepId === stepId)?.status;
}

async function reasonOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "OK",
    (error: { readonly details?: { readonly reason?: string } }) => error.details?.reason,
  );
}

describe("a pause", () => {
  const workflow = `
    workflow: pausing
    version: 1
    steps:
      - { id: wait, capability: test.gate, with: { gate: "\${input.gate}" } }
      - { id: next, capability: test.echo, with: "\${steps.wait.output}" }
    output: "\${steps.next.output.agent}"`;

  test("lets what runs finish and sends nothing new, until it is over", async () => {
    const executionId = await start(workflow, { gate: "gate-pause" });
    await until(
      "the step to run",
      async () => (await statusOfStep(executionId, "wait")) === StepStatus.RUNNING,
    );
    await dev.orchestrator.pauseExecution({ executionId, reason: "lunch" });
    const paused = await get(executionId);
    expect(paused.status).toBe(ExecutionStatus.PAUSED);
    expect(paused.pause).toMatchObject({ reason: "lunch" });
    writeFileSync(join(folder, "gate-pause"), "");
    await until(
      "it to finish",
      async () => (await statusOfStep(executionId, "wait")) === StepStatus.SUCCEEDED,
    );
    expect(await statusOfStep(executionId, "next")).toBe(StepStatus.PENDING);
    await dev.orchestrator.resumeExecution({ executionId });
    const { status, output } = await ended(executionId);
    expect(status).toBe(ExecutionStatus.SUCCEEDED);
    expect(Buffer.from(output?.content.value as Uint8Array).toString()).toBe('"agent-1"');
    expect(await reasonOf(dev.orchestrator.pauseExecution({ executionId }))).toBe("EXECUTION_ENDED");
  });
});

describe("a step that is completed by its token", () => {
  const workflow = `
    workflow: approval
    version: 1
    steps:
      - { id: ask, capability: test.later, with: { token: "\${input.token}" }, retry: { maxAttempts: 2, initialDelay: 1ms } }
    output: "\${steps.ask.output}"`;

  async function tokenIn(file: string): Promise<string> {
    const path = join(folder, file);
    return until("the token", () => existsSync(path) && readFileSync(path, "utf8"));
  }

  const json = (value: unknown) => ({
    case: "output" as const,
    value: { content: { case: "data" as const, value: Buffer.from(JSON.stringify(value)) } },
  });

  test("waits without an agent and a slot, and ends with what it is completed with", async () => {
    const executionId = await start(workflow, { token: "token-1" });
    const token = await tokenIn("token-1");
    await until(
      "the step to wait",
      async () => (await statusOfStep(executionId, "ask")) === StepStatus.WAITING,
    );
    const { steps } = await dev.orchestrator.explainExecution({ executionId });
    expect(steps).toMatchObject([
      { stepId: "ask", waitingFor: { case: "completion", value: { token, attempt: 1 } } },
    ]);
    const tooLarge = json("x".repeat(1024 * 1024));
    expect(await reasonOf(dev.orchestrator.completeStep({ token, outcome: tooLarge }))).toBe(
      "REQUEST_INVALID",
    );
    await dev.orchestrator.completeStep({ token, outcome: json({ approved: true }) });
    const { output } = await ended(executionId);
    expect(JSON.parse(Buffer.from(output?.content.value as Uint8Array).toString())).toEqual({
      approved: true,
    });
    expect(await reasonOf(dev.orchestrator.completeStep({ token, outcome: json({}) }))).toBe("OK");
  });

  test("is tried again when it is completed as failed", async () => {
    const executionId = await start(workflow, { token: "token-2" });
    const token = await tokenIn("token-2");
    const failure = { code: Code.UNAVAILABLE, message: "nobody is there" };
    await dev.orchestrator.completeStep({ token, outcome: { case: "failure", value: failure } });
    const second = await until("a second token", async () => {
      const found = await tokenIn("token-2");
      return found !== token && found;
    });
    expect(await reasonOf(dev.orchestrator.completeStep({ token, outcome: json({}) }))).toBe(
      "STEP_NOT_WAITING",
    );
    await dev.orchestrator.completeStep({ token: second, outcome: json(2) });
    expect((await ended(executionId)).status).toBe(ExecutionStatus.SUCCEEDED);
  });

  test("is not found by a token that is none", async () => {
    expect(await reasonOf(dev.orchestrator.completeStep({ token: "?", outcome: json(1) }))).toBe(
      "TOKEN_INVALID",
    );
  });
});

describe("an explanation", () => {
  test("says that nobody offers a capability, and what waits for that", async () => {
    const executionId = await start(`
      workflow: lonely
      version: 1
      steps:
        - { id: a, capability: test.nobody, queueTimeout: 1h }
        - { id: b, capability: test.echo, dependsOn: [a] }`);
    const { status, steps } = await dev.orchestrator.explainExecution({ executionId });
    expect(status).toBe(ExecutionStatus.RUNNING);
    expect(steps).toMatchObject([
      {
        stepId: "a",
        summary: expect.stringContaining("no agent offers test.nobody"),
        waitingFor: {
          case: "agent",
          value: { shortage: AgentShortage.NONE_OFFERS, until: expect.anything() },
        },
      },
      { stepId: "b", waitingFor: { case: "dependencies", value: { stepIds: ["a"] } } },
    ]);
    await dev.orchestrator.cancelExecution({ executionId });
    expect((await dev.orchestrator.explainExecution({ executionId })).steps).toEqual([]);
  });
});

describe("a workflow with everything", () => {
  test("skips, joins, cleans up after a failure, and names it", async () => {
    const executionId = await start(
      `
      workflow: everything
      version: 1
      vars: { big: "\${input.n > 10}" }
      steps:
        - { id: small, capability: test.echo, when: "\${!vars.big}" }
        - { id: broken, capability: test.echo, with: "\${input.list[0] + 1}" }
        - { id: after, capability: test.echo, dependsOn: [broken] }
        - { id: cleanup, capability: test.echo, dependsOn: [small, broken, after], join: done }`,
      { n: 11, list: [] },
    );
    const { status, failure, steps } = await ended(executionId);
    expect(status).toBe(ExecutionStatus.FAILED);
    expect(failure).toMatchObject({ reason: "EXPRESSION_FAILED", stepId: "broken" });
    expect(steps.map((step) => [step.stepId, step.status])).toEqual([
      ["small", StepStatus.SKIPPED],
      ["broken", StepStatus.FAILED],
      ["after", StepStatus.SKIPPED],
      ["cleanup", StepStatus.SUCCEEDED],
    ]);
  });
});
