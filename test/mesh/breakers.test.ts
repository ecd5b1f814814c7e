import { capability, defineAgent, StepFailure } from "@weft/agent-sdk";
import { createOrchestrator, orchestratorDefaults } from "@weft/orchestrator";
import {
  type CircuitBreaker,
  type CircuitBreakerChange,
  CircuitBreakerReason,
  CircuitBreakerState,
  OrchestratorService,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { createRegistry } from "@weft/registry";
import { type Client, createChannel } from "@weft/runtime/grpc";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { until } from "../harness/until.ts";
import { workFor } from "./agents/work-time.ts";

const token = "breaker-test-token";
const work = `
workflow: work
version: 1
steps:
  - { id: it, capability: test.work, retry: { maxAttempts: 10, initialDelay: 1ms, maxDelay: 1ms } }
`;

/** What a handler depends on: it is down for the first calls, then each waits until it is let go. */
class Dependency {
  calls = 0;
  readonly #downFor: number;
  readonly #up: Promise<void>;
  comeUp: () => void = () => {};

  constructor(downFor: number) {
    this.#downFor = downFor;
    this.#up = new Promise((resolve) => {
      this.comeUp = resolve;
    });
  }

  async call(): Promise<void> {
    if (++this.calls <= this.#downFor) throw new StepFailure("UNAVAILABLE", "it is down");
    await this.#up;
  }
}

let registryAddress: string;
let client: Client<typeof OrchestratorService>;

async function startServices(agentBreakerCoolDownMs: number): Promise<void> {
  const registry = createRegistry({ address: "127.0.0.1:0", token, leaseMs: 10_000 });
  registryAddress = `127.0.0.1:${(await registry.start()).port}`;
  const orchestrator = createOrchestrator({
    ...orchestratorDefaults,
    address: "127.0.0.1:0",
    registryAddress,
    token,
    dataDirectory: undefined,
    orchestratorId: "one",
    agentBreakerCoolDownMs,
    stepBreakerCoolDownMs: 2_000,
  });
  const { port } = await orchestrator.start();
  const channel = createChannel({ address: `127.0.0.1:${port}`, token });
  client = channel.client(OrchestratorService);
  onTestFinished(async () => {
    channel.close();
    await orchestrator.stop();
    await registry.stop();
  });
}

/** A real agent in this process: it serves sessions as any other. */
function startAgent(agentId: string, slots: number, run: () => Promise<void>): void {
  const agent = defineAgent({
    name: "worker",
    version: "1.0.0",
    slots,
    capabilities: {
      "test.work": capability({
        input: z.unknown(),
        output: z.unknown(),
        async run() {
          await run();
          return agentId;
        },
      }),
    },
  });
  const stop = new AbortController();
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const served = agent.serve({
    registry: registryAddress,
    token,
    agentId,
    signal: stop.signal,
    drainGraceMs: 0,
    log,
  });
  onTestFinished(async () => {
    stop.abort();
    await served;
  });
}

async function start(): Promise<string> {
  const source = { source: { case: "document" as const, value: work } };
  const { executionId } = await client.startExecution({ workflow: { case: "source", value: source } });
  return executionId;
}

async function succeeded(executionId: string): Promise<void> {
  const { execution } = await client.awaitExecution({ executionId });
  expect(execution?.status).toBe(ExecutionStatus.SUCCEEDED);
}

async function breakerIn(state: CircuitBreakerState, name: string): Promise<CircuitBreaker> {
  return until(`${name} to be in state ${state}`, async () => {
    const { breakers } = await client.listCircuitBreakers({ states: [state] });
    return breakers.find((breaker) => breaker.name === name);
  });
}

test("an agent that fails at once draws no more steps, is probed by one, and is back when that succeeds", async () => {
  await startServices(2_000);
  const broken = new Dependency(5);
  startAgent("broken", 4, () => broken.call());
  startAgent("sound", 4, async () => {});
  while (broken.calls < 5) await succeeded(await start());
  const open = await breakerIn(CircuitBreakerState.OPEN, "agent/broken/test.work");
  expect(open).toMatchObject({ failuresInARow: 5, recentFailures: 5, replica: "one" });
  expect(open.nextProbeTime).toBeDefined();

  const ids: string[] = [];
  await until("a probe", async () => {
    ids.push(await start());
    return broken.calls > 5;
  });
  await breakerIn(CircuitBreakerState.HALF_OPEN, "agent/broken/test.work");
  for (let count = 0; count < 10; count++) await succeeded(await start());
  expect(broken.calls).toBe(6);

  broken.comeUp();
  await Promise.all(ids.map(succeeded));
  await breakerIn(CircuitBreakerState.CLOSED, "agent/broken/test.work");
  while (broken.calls < 7) await succeeded(await start());
});

/** Runs so many executions, a number of them at a time. */
async function runMany(count: number, atATime: number): Promise<void> {
  let left = count;
  const runInTurn = async (): Promise<void> => {
    while (left-- > 0) await succeeded(await start());
  };
  await Promise.all(Array.from({ length: atATime }, runInTurn));
}

test("an agent that fails sooner than others succeed is no sinkhole: it gets less than its share of calls", async () => {
  await startServices(500);
  const calls = { broken: 0, sound: 0 };
  startAgent("broken", 4, async () => {
    calls.broken += 1;
    await workFor(5);
    throw new StepFailure("UNAVAILABLE", "it is broken");
  });
  for (const agentId of ["sound-1", "sound-2", "sound-3"])
    startAgent(agentId, 4, async () => {
      calls.sound += 1;
      await workFor(20);
    });
  await runMany(600, 14);
  expect(calls.sound).toBe(600);
  const fairShare = (calls.broken + calls.sound) / 4;
  expect(calls.broken).toBeGreaterThan(0);
  expect(calls.broken).toBeLessThan(1.5 * fairShare);
  const { trackRecords } = await client.listTrackRecords({ capability: "test.work" });
  const agents = trackRecords.map(({ agentId }) => agentId);
  expect(agents).toEqual(["broken", "sound-1", "sound-2", "sound-3"]);
  const [broken, ...sound] = trackRecords;
  expect(broken).toMatchObject({ samples: 0, slowdown: 1, replica: "one" });
  for (const { samples, errorRate } of sound) {
    expect(samples).toBeGreaterThan(10);
    expect(errorRate).toBe(0);
  }
  const page = await client.listTrackRecords({ agentIds: ["broken", "sound-2"], pageSize: 1 });
  const rest = await client.listTrackRecords({
    agentIds: ["broken", "sound-2"],
    pageToken: page.nextPageToken,
  });
  expect([...page.trackRecords, ...rest.trackRecords].map(({ agentId }) => agentId)).toEqual([
    "broken",
    "sound-2",
  ]);
});

test("a step that keeps failing waits, is probed by one execution, and goes on: none has failed", async () => {
  await startServices(1);
  const dependency = new Dependency(5);
  startAgent("worker", 1, () => dependency.call());
  const ids = await Promise.all([start(), start(), start(), start(), start()]);
  const { nextProbeTime } = await breakerIn(CircuitBreakerState.OPEN, "step/work:it");
  ids.push(await start());
  const { steps } = await client.explainExecution({ executionId: ids.at(-1)! });
  expect(steps).toMatchObject([
    {
      summary: expect.stringMatching(/^is held back, since it keeps failing: breaker open until 2/),
      waitingFor: { case: "breaker", value: { nextProbeTime } },
    },
  ]);

  await until("a probe", () => dependency.calls === 6);
  await breakerIn(CircuitBreakerState.HALF_OPEN, "step/work:it");
  ids.push(await start());
  const held = await client.explainExecution({ executionId: ids.at(-1)! });
  expect(held.steps[0]?.summary).toMatch(/a probe is out/);
  expect(dependency.calls).toBe(6);

  dependency.comeUp();
  await Promise.all(ids.map(succeeded));
  await breakerIn(CircuitBreakerState.CLOSED, "step/work:it");
});

/** What a new watch begins with. */
async function foundNow(): Promise<readonly CircuitBreaker[]> {
  for await (const { breakers } of client.watchCircuitBreakers({})) return breakers;
  return [];
}

test("a watch tells of every change of a breaker, and why, from what is not closed on", async () => {
  await startServices(1);
  const dependency = new Dependency(5);
  startAgent("worker", 1, () => dependency.call());
  const told: (readonly [CircuitBreakerState, CircuitBreakerReason])[] = [];
  const stepsOf = (changes: readonly CircuitBreakerChange[]) =>
    changes.flatMap(({ breaker, reason }) =>
      breaker?.name === "step/work:it" ? [[breaker.state, reason] as const] : [],
    );
  const watch = client.watchCircuitBreakers({});
  watch.onMessage(({ changes }) => void told.push(...stepsOf(changes)));
  const ids = await Promise.all([start(), start(), start(), start(), start()]);
  await until("the breaker to open", () => told.length === 1);
  const found = await foundNow();
  expect(found.find(({ name }) => name === "step/work:it")).toMatchObject({
    state: CircuitBreakerState.OPEN,
    lastFailureCode: "UNAVAILABLE",
    replica: "one",
  });
  dependency.comeUp();
  await Promise.all(ids.map(succeeded));
  await until("the breaker to close", () => told.length === 3);
  expect(told).toEqual([
    [CircuitBreakerState.OPEN, CircuitBreakerReason.FAILURES],
    [CircuitBreakerState.HALF_OPEN, CircuitBreakerReason.COOLED_DOWN],
    [CircuitBreakerState.CLOSED, CircuitBreakerReason.PROBE_PASSED],
  ]);
  watch.cancel();
});

test("a breaker that is reset lets go what it holds, at once", async () => {
  await startServices(1);
  const dependency = new Dependency(5);
  dependency.comeUp();
  startAgent("worker", 1, () => dependency.call());
  const ids = await Promise.all([start(), start(), start(), start(), start()]);
  await breakerIn(CircuitBreakerState.OPEN, "step/work:it");
  const { breaker } = await client.resetCircuitBreaker({ name: "step/work:it" });
  expect(breaker).toMatchObject({ state: CircuitBreakerState.CLOSED, failuresInARow: 0 });
  await Promise.all(ids.map(succeeded));
  const unknown = await client
    .getCircuitBreaker({ name: "step/work:other" })
    .catch((error: unknown) => error);
  expect(unknown).toMatchObject({ details: { reason: "BREAKER_NOT_FOUND" } });
});
