import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Execution, ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { type Client, createChannel } from "@weft/runtime/grpc";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { freePort } from "../harness/free-port.ts";
import { startLinkedAgent } from "../harness/held-step.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

const slots = 3;
const executionsEach = 100;

const twoCounted = `
workflow: two-counted
version: 1
mode: sequential
steps:
  - { id: first, capability: test.counted, with: "\${input}" }
  - { id: second, capability: test.counted, with: "\${steps.first.output}" }
output: "\${steps.second.output}"
`;

type Orchestrator = Client<typeof OrchestratorService>;

/** Another orchestrator, with a log and a cluster of its own, that finds the same agents. */
async function secondOrchestrator(dev: WeftDev, folder: string) {
  const address = `127.0.0.1:${await freePort()}`;
  const env = {
    WEFT_ORCHESTRATOR_ADDRESS: address,
    WEFT_REGISTRY: dev.file.registry,
    WEFT_TOKEN: dev.file.token,
    WEFT_CLUSTER: "second",
    WEFT_ORCHESTRATOR_ID: "second",
    WEFT_DATA: join(folder, "second"),
  };
  const channel = createChannel({ address, token: dev.file.token });
  onTestFinished(() => channel.close());
  const client = channel.client(OrchestratorService);
  async function start(): Promise<TestProcess> {
    const process = startProcess("services/orchestrator/src/main.ts", [], { env });
    onTestFinished(() => process.end());
    await until(
      () => `the second orchestrator to serve; it said: ${process.output()}`,
      () =>
        client.listWorkflows({}).then(
          () => true,
          () => false,
        ),
    );
    return process;
  }
  return { client, start };
}

async function startAll(orchestrator: Orchestrator): Promise<readonly string[]> {
  await orchestrator.registerWorkflow({ source: { source: { case: "document", value: twoCounted } } });
  const requests = Array.from({ length: executionsEach }, (_, n) => ({
    workflow: { case: "reference", value: { name: "two-counted" } } as const,
    input: { content: { case: "data", value: Buffer.from(String(n)) } as const },
  }));
  const { results } = await orchestrator.startExecutions({ requests });
  return results.flatMap(({ result }) => (result.case === "started" ? [result.value.executionId] : []));
}

function ended(orchestrator: Orchestrator, executionId: string): Promise<Execution> {
  return until(`the end of ${executionId}`, async () => {
    // While its orchestrator is down there is no answer.
    const { execution } = await orchestrator
      .awaitExecution({ executionId })
      .catch(() => ({ execution: undefined }));
    return execution?.endTime && execution;
  });
}

test("an agent under the full load of two orchestrators never runs more than its slots", async () => {
  const folder = temporaryFolder();
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  const second = await secondOrchestrator(dev, folder);
  const life = await second.start();
  const agent = await startLinkedAgent(dev, folder, "counter", slots);
  onTestFinished(() => agent.close());
  const ids = [await startAll(dev.orchestrator), await startAll(second.client)] as const;

  const runs = (): number => readFileSync(join(folder, "runs-counter"), "utf8").split("\n").length;
  await until("some steps to have run", () => runs() > 50);
  // What was sent and not answered is asked for, or sent again.
  for (const link of agent.links) link.reset();
  await until("more steps to have run", () => runs() > 150);
  life.kill("SIGKILL");
  await life.ended;
  await second.start();

  const all = await Promise.all([
    ...ids[0].map((id) => ended(dev.orchestrator, id)),
    ...ids[1].map((id) => ended(second.client, id)),
  ]);
  expect(all).toHaveLength(2 * executionsEach);
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([ExecutionStatus.SUCCEEDED]));
  expect(readFileSync(join(folder, "peak-counter"), "utf8")).toBe(String(slots));
}, 120_000);
