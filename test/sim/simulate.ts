import { seededRandom } from "@weft/balancer";
import type { AgentPlan, Call } from "./agent.ts";
import { exponential, lognormal } from "./chance.ts";
import { type Mesh, randomly, roundRobin } from "./push-policies.ts";
import { Timeline } from "./timeline.ts";
import { Weft, type WeftOptions } from "./weft-policy.ts";

export type Policy = "random" | "round robin" | WeftOptions;

export type Scenario = {
  readonly agents: readonly AgentPlan[];
  /** The work that arrives ÷ what all agents could do, were none of them broken. */
  readonly load: number;
  readonly orchestrators: number;
  readonly calls: number;
  /** Calls of one execution that all arrive at once, after a tenth of the others. */
  readonly burst: number;
  readonly work: "lognormal" | "exponential";
};

/** Of all calls but the first tenth, when queues and records have not filled yet, and but those of the burst. */
export type Outcome = {
  /** From arrival to start, of 99 in 100 calls. */
  readonly waitingP99Ms: number;
  readonly waitingMeanMs: number;
  /** From arrival to the answer, of calls that succeeded. */
  readonly latencyMeanMs: number;
  readonly failedShare: number;
};

/** How long a call works at an agent of speed 1, and for the lognormal its variance ÷ mean². */
export const workMeanMs = 4_100;
const variation = 3.2;
const warmUpShare = 0.1;

/** Plays all calls to their end. The same scenario, policy and seed have the same outcome, always. */
export function simulate(scenario: Scenario, policy: Policy, seed: number): Outcome {
  const { agents, orchestrators, load, burst } = scenario;
  const timeline = new Timeline();
  const mesh = meshOf(policy, scenario, timeline, seededRandom(seed));
  const capacity = agents.reduce((sum, { slots, speed }) => sum + slots * speed, 0);
  // Each has numbers of its own, so that all policies get the same calls.
  const untilNextMs = exponential(seededRandom(seed + 1_000), workMeanMs / (capacity * load));
  const workMs = workOf(scenario, seededRandom(seed + 2_000));
  const chance = seededRandom(seed + 3_000);
  const warmUp = Math.floor(scenario.calls * warmUpShare);
  const calls: Call[] = [];
  function bring(executionId: string): Call {
    const orchestrator = Math.floor(chance() * orchestrators);
    const arrivedMs = timeline.nowMs;
    const shown = { waitedMs: 0, tookMs: 0, hasFailed: false };
    const call = { orchestrator, executionId, workMs: workMs(), arrivedMs, ...shown };
    mesh.arrive(call);
    return call;
  }
  function arrive(): void {
    if (calls.length === warmUp) for (let sent = 0; sent < burst; sent++) bring("burst");
    calls.push(bring(`execution-${calls.length}`));
    if (calls.length < scenario.calls) timeline.after(untilNextMs(), arrive);
  }
  timeline.after(untilNextMs(), arrive);
  timeline.run();
  return outcomeOf(calls.slice(warmUp));
}

function meshOf(
  policy: Policy,
  { agents, orchestrators }: Scenario,
  timeline: Timeline,
  random: () => number,
): Mesh {
  if (policy === "random") return randomly(agents, timeline, random);
  if (policy === "round robin") return roundRobin(agents, timeline, random);
  return new Weft(agents, orchestrators, timeline, random, policy);
}

function workOf({ work }: Scenario, random: () => number): () => number {
  return work === "exponential" ? exponential(random, workMeanMs) : lognormal(random, workMeanMs, variation);
}

function outcomeOf(calls: readonly Call[]): Outcome {
  const waitsMs = Float64Array.from(calls, ({ waitedMs }) => waitedMs).sort();
  const succeeded = calls.filter(({ hasFailed }) => !hasFailed);
  return {
    waitingP99Ms: waitsMs[Math.ceil(0.99 * waitsMs.length) - 1] ?? 0,
    waitingMeanMs: mean(calls, ({ waitedMs }) => waitedMs),
    latencyMeanMs: mean(succeeded, ({ waitedMs, tookMs }) => waitedMs + tookMs),
    failedShare: 1 - succeeded.length / calls.length,
  };
}

function mean(calls: readonly Call[], of: (call: Call) => number): number {
  return calls.length === 0 ? 0 : calls.reduce((sum, call) => sum + of(call), 0) / calls.length;
}
