import { Metrics } from "@weft/runtime/metrics";
import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { OrchestratorMetrics, registerGauges } from "../metrics.ts";
import type { HandSession } from "./hand-agents.fixture.ts";
import { liveFigures } from "./live-figures.ts";
import { type Mesh, openMesh, reattachGraceMs } from "./mesh.fixture.ts";

const retry = { maxAttempts: 2, initialDelay: "1s", jitter: false };
const single = testWorkflow({ retry, steps: [{ id: "a" }] });
const pair = testWorkflow({ mode: "parallel", retry: "none", steps: [{ id: "a" }, { id: "b" }] });

let metrics: Metrics;
let mesh: Mesh;
let x: HandSession;

beforeEach(async () => {
  metrics = new Metrics();
  mesh = await openMesh(openMemoryStore(), { metrics: new OrchestratorMetrics(metrics) });
  registerGauges(metrics, () => liveFigures(mesh.shard));
  x = mesh.agents.appear("x");
});

/** What is shown of metrics whose names begin so, but for what is 0, and for the buckets of histograms. */
async function shown(prefix: string): Promise<readonly string[]> {
  const lines = (await metrics.text()).split("\n");
  return lines.filter(
    (line) => line.startsWith(prefix) && !line.endsWith(" 0") && !line.includes("_bucket{"),
  );
}

/** Takes so long and ends well. */
async function succeed(id: string, step: string, afterMs: number): Promise<void> {
  mesh.clock.advance(afterMs);
  x.succeed(`${id}/${step}/1/1`);
  await mesh.hand.commitAll();
}

describe("an execution", () => {
  it("is counted when it starts and when it has ended, with how long that took", async () => {
    const id = await mesh.started(single);
    expect(await shown("weft_executions")).toEqual([
      'weft_executions_started_total{namespace="default",workflow="w"} 1',
      "weft_executions_in_flight 1",
    ]);
    await succeed(id, "a", 1_500);
    expect(await shown("weft_execution")).toEqual([
      'weft_executions_started_total{namespace="default",workflow="w"} 1',
      'weft_executions_ended_total{namespace="default",workflow="w",status="succeeded"} 1',
      'weft_execution_seconds_sum{namespace="default",workflow="w"} 1.5',
      'weft_execution_seconds_count{namespace="default",workflow="w"} 1',
      'weft_execution_parallel_efficiency_sum{namespace="default",workflow="w"} 1',
      'weft_execution_parallel_efficiency_count{namespace="default",workflow="w"} 1',
    ]);
  });

  it("of two steps at once, of which one takes half as long, was three quarters efficient", async () => {
    mesh.agents.tell("x", { slots: 2 });
    x.open({ slots: 2 });
    const id = await mesh.started(pair);
    await succeed(id, "a", 1_000);
    await succeed(id, "b", 1_000);
    expect(await shown("weft_execution_parallel_efficiency_sum")).toEqual([
      'weft_execution_parallel_efficiency_sum{namespace="default",workflow="w"} 0.75',
    ]);
  });
});

describe("a step", () => {
  it("is counted by how its attempts ended, with the codes of its failures", async () => {
    const id = await mesh.started(single);
    x.fail(`${id}/a/1/1`, "UNAVAILABLE");
    await mesh.hand.commitAll();
    mesh.clock.advance(60_000);
    await mesh.hand.commitAll();
    x.succeed(`${id}/a/2/2`);
    await mesh.hand.commitAll();
    expect(await shown("weft_step")).toEqual([
      'weft_step_failures_total{capability="work",code="UNAVAILABLE"} 1',
      'weft_step_sends_total{capability="work"} 2',
      'weft_step_attempts_total{capability="work",outcome="succeeded"} 1',
      'weft_step_attempts_total{capability="work",outcome="failed"} 1',
      'weft_steps_ended_total{capability="work",status="succeeded"} 1',
      'weft_step_retries_total{capability="work"} 1',
      'weft_step_seconds_sum{capability="work"} 60',
      'weft_step_seconds_count{capability="work"} 1',
    ]);
  });

  it("that had to wait for a slot is counted with how long", async () => {
    const first = await mesh.started(single);
    const second = await mesh.started(single);
    expect(await shown("weft_steps_waiting")).toEqual(['weft_steps_waiting{capability="work"} 1']);
    expect(await shown("weft_agent")).toEqual([
      'weft_agents{state="eligible"} 1',
      'weft_agent_slots{state="mine"} 1',
    ]);
    await succeed(first, "a", 2_000);
    expect(await shown("weft_step_queue_seconds_sum")).toEqual([
      'weft_step_queue_seconds_sum{capability="work"} 2',
    ]);
    await succeed(second, "a", 1_000);
    expect(await shown("weft_steps_waiting")).toEqual([]);
  });

  it("whose agent is lost is counted as interrupted, and one that no agent took as failed over", async () => {
    const id = await mesh.started(single);
    x.reject(`${id}/a/1/1`, "FULL");
    await mesh.hand.commitAll();
    mesh.clock.advance(60_000);
    await mesh.hand.commitAll();
    x.cut();
    mesh.clock.advance(reattachGraceMs);
    await mesh.hand.commitAll();
    expect(await shown("weft_step_attempts_total")).toEqual([
      'weft_step_attempts_total{capability="work",outcome="interrupted"} 1',
      'weft_step_attempts_total{capability="work",outcome="failed_over"} 1',
    ]);
  });
});

it("commits are counted with their events and how long they took, and the log with its position", async () => {
  await mesh.started(single);
  expect(await shown("weft_log")).toEqual([
    "weft_log_commit_seconds_count 1",
    "weft_log_commit_events_sum 2",
    "weft_log_commit_events_count 1",
    'weft_log_position{shard="0"} 2',
  ]);
});

it("what an earlier life left unfinished is in flight, and was not started again", async () => {
  const store = openMemoryStore();
  const before = await openMesh(store);
  await before.started(single);
  mesh = await openMesh(store, { metrics: new OrchestratorMetrics(new Metrics()) });
  expect(await shown("weft_executions")).toEqual(["weft_executions_in_flight 1"]);
});
