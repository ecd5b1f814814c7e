import { type Execution, ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { orchestratorService, registryService, testToken } from "../harness/services.ts";
import { until } from "../harness/until.ts";

const agentCount = 3;
const inFlight = 20;

const twoCounted = `
workflow: two-counted
version: 1
mode: sequential
steps:
  - { id: first, capability: test.counted, with: "\${input}" }
  - { id: second, capability: test.counted, with: "\${steps.first.output}" }
`;

/** A registry, an orchestrator and agents, each a process, and a load that goes on until it is stopped. */
async function startMesh() {
  const folder = temporaryFolder();
  const registry = await registryService();
  const orchestrator = await orchestratorService(folder, registry.address);
  const registryLife = await registry.start();
  await orchestrator.start();
  const startAgent = (id: string): TestProcess => {
    const agent = startProcess("test/mesh/agents/recorder.ts", [folder, id, "4"], {
      cwd: folder,
      env: { WEFT_REGISTRY: registry.address, WEFT_TOKEN: testToken },
    });
    onTestFinished(() => agent.end());
    return agent;
  };
  const agents = Array.from({ length: agentCount }, (_, n) => startAgent(`before-${n}`));
  const isAttached = async (id: string): Promise<boolean> => {
    const { agents: known } = await registry.client.listAgents({}).catch(() => ({ agents: [] }));
    return known.some(({ agentId }) => agentId === id);
  };
  for (const n of agents.keys()) await until(`agent ${n} to attach`, () => isAttached(`before-${n}`));
  return { registry, registryLife, orchestrator, agents, startAgent, isAttached };
}

type Mesh = Awaited<ReturnType<typeof startMesh>>;

/** Keeps executions in flight; all that ended are told once it has been stopped. */
async function startLoad({ orchestrator: { client } }: Mesh) {
  await client.registerWorkflow({ source: { source: { case: "document", value: twoCounted } } });
  const ended: Execution[] = [];
  let isStopped = false;
  async function keepOneInFlight(): Promise<void> {
    while (!isStopped) {
      const { executionId } = await client.startExecution({
        workflow: { case: "reference", value: { name: "two-counted" } },
        input: { content: { case: "data", value: Buffer.from("1") } },
      });
      const { execution } = await client.awaitExecution({ executionId });
      if (execution?.endTime) ended.push(execution);
      else throw new Error(`${executionId} has not ended`);
    }
  }
  const loops = Promise.all(Array.from({ length: inFlight }, keepOneInFlight));
  const more = (): Promise<unknown> => {
    const before = ended.length;
    return until("more executions to end", () => ended.length >= before + 2 * inFlight);
  };
  const stop = async (): Promise<readonly Execution[]> => {
    isStopped = true;
    await loops;
    return ended;
  };
  return { more, stop };
}

/** Every one succeeded, and no step needed a second attempt or a second send. */
function expectUndisturbed(executions: readonly Execution[]): void {
  expect(executions.length).toBeGreaterThan(0);
  const steps = executions.flatMap((execution) => execution.steps);
  expect(new Set(executions.map(({ status }) => status))).toEqual(new Set([ExecutionStatus.SUCCEEDED]));
  expect(new Set(steps.map(({ attempt }) => attempt))).toEqual(new Set([1]));
}

test("a rolling restart of every agent under load fails no execution and spends no retry", async () => {
  const mesh = await startMesh();
  const load = await startLoad(mesh);
  await load.more();
  for (const [n, agent] of mesh.agents.entries()) {
    mesh.startAgent(`after-${n}`);
    await until(`agent ${n}'s successor to attach`, () => mesh.isAttached(`after-${n}`));
    agent.kill("SIGTERM");
    expect(await agent.ended).toBe(0);
    await load.more();
  }
  expectUndisturbed(await load.stop());
}, 120_000);

test("a registry that is killed and restarted under load fails no execution and spends no retry", async () => {
  const mesh = await startMesh();
  const load = await startLoad(mesh);
  await load.more();
  mesh.registryLife.kill("SIGKILL");
  await mesh.registryLife.ended;
  await load.more();
  await mesh.registry.start();
  for (const n of mesh.agents.keys())
    await until(`agent ${n} to attach again`, () => mesh.isAttached(`before-${n}`));
  await load.more();
  expectUndisturbed(await load.stop());
}, 120_000);
