import type { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import type { Client } from "@weft/runtime/grpc";
import { expect, test } from "vitest";
import { until } from "../harness/until.ts";
import { shareAgent } from "./shared-agent.ts";

type Orchestrator = Client<typeof OrchestratorService>;

/** So many steps, one after the other. */
async function startChain(orchestrator: Orchestrator, steps: number): Promise<string> {
  const lines = Array.from({ length: steps }, (_, n) => `  - { id: s${n}, capability: test.counted }`);
  const document = ["workflow: chain", "version: 1", "mode: sequential", "steps:", ...lines].join("\n");
  const source = { source: { case: "document", value: document } } as const;
  const { executionId } = await orchestrator.startExecution({
    workflow: { case: "source", value: source },
    input: { content: { case: "data", value: Buffer.from("1") } },
  });
  return executionId;
}

async function statusAtEnd(orchestrator: Orchestrator, executionId: string) {
  const { execution } = await orchestrator.awaitExecution({
    executionId,
    wait: { seconds: 30n, nanos: 0 },
  });
  return execution?.status;
}

function lastOf(runs: readonly string[], executionId: string): number {
  return runs.findLastIndex((key) => key.startsWith(`${executionId}/`));
}

const long = 200;

test("orchestrators whose steps wait get an agent's slot in turns, though one of them has more to do", async () => {
  const { first, second, runs } = await shareAgent(1);
  const chain = await startChain(first, long);
  await until("the chain to run", () => runs().length >= 10);
  const short = await startChain(second.client, 20);
  expect(await statusAtEnd(second.client, short)).toBe(ExecutionStatus.SUCCEEDED);
  expect(await statusAtEnd(first, chain)).toBe(ExecutionStatus.SUCCEEDED);
  expect(runs()).toHaveLength(long + 20);
  expect(lastOf(runs(), short)).toBeLessThan(long / 2);
}, 60_000);

test("an orchestrator that dies while it waits keeps no slot from the others", async () => {
  const { first, second, life, runs } = await shareAgent(1);
  const chain = await startChain(first, long);
  await until("the chain to run", () => runs().length >= 10);
  await Promise.all(Array.from({ length: 20 }, () => startChain(second.client, 5)));
  const atDeath = runs().length;
  life.kill("SIGKILL");
  await life.ended;
  expect(await statusAtEnd(first, chain)).toBe(ExecutionStatus.SUCCEEDED);
  expect(runs().length).toBeGreaterThan(atDeath);
}, 60_000);
