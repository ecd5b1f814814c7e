import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Execution, ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import type { Client } from "@weft/runtime/grpc";
import { expect, test } from "vitest";
import { until } from "../harness/until.ts";
import { shareAgent } from "./shared-agent.ts";

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
  const { folder, first, second, life, agent, runs } = await shareAgent(slots);
  const ids = [await startAll(first), await startAll(second.client)] as const;

  await until("some steps to have run", () => runs().length >= 50);
  // What was sent and not answered is asked for, or sent again.
  for (const link of agent.links) link.reset();
  await until("more steps to have run", () => runs().length >= 150);
  life.kill("SIGKILL");
  await life.ended;
  await second.start();

  const all = await Promise.all([
    ...ids[0].map((id) => ended(first, id)),
    ...ids[1].map((id) => ended(second.client, id)),
  ]);
  expect(all).toHaveLength(2 * executionsEach);
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([ExecutionStatus.SUCCEEDED]));
  expect(readFileSync(join(folder, "peak-counter"), "utf8")).toBe(String(slots));
}, 120_000);
