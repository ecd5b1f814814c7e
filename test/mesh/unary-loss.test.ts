import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

async function startDev(folder: string): Promise<WeftDev> {
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  return dev;
}

/** Kills weft dev while a unary agent runs the one step, and follows it to its end after the restart. */
async function killDuring(options: string) {
  const folder = temporaryFolder();
  const before = await startDev(folder);
  const { registry, token } = before.file;
  const agent = startProcess("test/mesh/agents/unary.ts", [folder, registry, token]);
  onTestFinished(() => agent.end());
  const document = `
workflow: hanging
version: 1
steps: [{ id: hang, capability: test.hang${options} }]
`;
  const source = { source: { case: "document" as const, value: document } };
  const { executionId } = await before.orchestrator.startExecution({
    workflow: { case: "source", value: source },
  });
  const runs = join(folder, "runs");
  await until(
    () => `the step to run; the agent said: ${agent.output()}`,
    () => existsSync(runs),
  );
  before.process.kill("SIGKILL");
  await before.process.ended;

  const { orchestrator } = await startDev(folder);
  const execution = await until("the end", async () => {
    const answer = await orchestrator.awaitExecution({ executionId });
    return answer.execution?.endTime && answer.execution;
  });
  const { events } = await orchestrator.listEvents({ executionId });
  const story = events.map(({ event }) => event.case).filter((kind) => kind !== "stepQueued");
  const keys = readFileSync(runs, "utf8").trim().split("\n");
  return { executionId, execution, story, keys };
}

test("a step that a unary agent ran when the orchestrator was killed is interrupted and runs again", async () => {
  const { executionId, execution, story, keys } = await killDuring("");
  expect(execution.status).toBe(ExecutionStatus.SUCCEEDED);
  expect(story).toEqual([
    "executionStarted",
    "stepStarted",
    "stepInterrupted",
    "stepStarted",
    "stepSucceeded",
    "executionSucceeded",
  ]);
  expect(keys).toEqual([`${executionId}/hang`, `${executionId}/hang`]);
}, 60_000);

test("with atMostOnce it is never sent again: it may have run", async () => {
  const { execution, keys } = await killDuring(", atMostOnce: true");
  expect(execution.status).toBe(ExecutionStatus.FAILED);
  expect(execution.failure?.reason).toBe("DELIVERY_UNCERTAIN");
  expect(keys).toHaveLength(1);
}, 60_000);
