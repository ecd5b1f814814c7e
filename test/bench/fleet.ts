import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { AgentState, RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { type Client, createChannel } from "@weft/runtime/grpc";
import { until } from "../harness/until.ts";
import { openBackend } from "./engine/backend.ts";
import type { AgentsOptions } from "./fleet/agents-process.ts";
import type { OrchestratorFacts } from "./fleet/orchestrator-process.ts";
import type { RegistryFacts } from "./fleet/registry-process.ts";
import { type Child, endChildren, startChild } from "./processes/child.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { Load } from "./scale/load.ts";
import { oneStep } from "./scale/workflows.ts";
import { median } from "./statistics.ts";

const agentsDefault = 1_000;
const agentsPerProcess = 250;
const slotsInAll = 4_000;
const idleMs = 10_000;
const executionsInRound = 5_000;
const loadRounds = 7;

const help = `Measures what many agents cost: the registry and the orchestrator, each in a process of its own.

  npm run -s bench:fleet   (about 2 minutes)

First one agent with ${slotsInAll} slots, then many that share as many. Told are the processor time and memory of both
services while nothing runs, and the processor time of the orchestrator for each execution of one step.

  --agents N   (${agentsDefault})
  --help       print this
`;

await runLimitBench({ help, option: { name: "agents", default: agentsDefault }, measure });

type Cost = { readonly text: string; readonly cpuMsPerExecution: number };

async function measure(folder: string, agents: number): Promise<boolean> {
  const one = await costOf(join(folder, "one"), 1);
  const many = await costOf(join(folder, "many"), agents);
  for (const { text } of [one, many]) process.stdout.write(text);
  const ratio = many.cpuMsPerExecution / one.cpuMsPerExecution;
  process.stdout.write(
    `dispatch with ${agents} agents costs ${ratio.toFixed(2)} times what it does with one\n`,
  );
  return true;
}

async function costOf(dataDirectory: string, agents: number): Promise<Cost> {
  const token = randomBytes(16).toString("hex");
  const registry = await startChild<RegistryFacts>({
    name: "registry",
    script: "fleet/registry-process.ts",
    options: { token },
  });
  const orchestrator = await startChild<OrchestratorFacts>({
    name: "orchestrator",
    script: "fleet/orchestrator-process.ts",
    options: { ...registry.facts, dataDirectory, token },
  });
  await startAgents(agents, {
    ...registry.facts,
    token,
    slots: Math.max(1, Math.floor(slotsInAll / agents)),
  });
  const channel = createChannel({ address: registry.facts.registry, token });
  const beganMs = performance.now();
  await until("all agents to be ready", () => areReady(channel.client(RegistryService), agents), 120_000);
  progress(`${agents} attached and ready after ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`);
  const services = [registry, orchestrator];
  const idle = await idleOf(services);
  const backend = await openBackend({ ...orchestrator.facts, token }, [oneStep.document]);
  const cpuMsPerExecution = await loadOf(new Load(backend), orchestrator);
  channel.close();
  await endChildren();
  return {
    text: `${agents} agents, idle: ${idle}; ${cpuMsPerExecution.toFixed(3)} ms of the orchestrator's per execution\n`,
    cpuMsPerExecution,
  };
}

async function startAgents(count: number, options: Pick<AgentsOptions, "registry" | "token" | "slots">) {
  for (let started = 0; started < count; started += agentsPerProcess)
    await startChild({
      name: `agents from ${started}`,
      script: "fleet/agents-process.ts",
      options: {
        ...options,
        prefix: `agent-${started}`,
        count: Math.min(agentsPerProcess, count - started),
      } satisfies AgentsOptions,
    });
}

async function areReady(registry: Client<typeof RegistryService>, count: number): Promise<boolean> {
  let ready = 0;
  let pageToken = "";
  do {
    const page = await registry.listAgents({
      pageSize: 1_000,
      pageToken,
      filter: { states: [AgentState.READY] },
    });
    ready += page.agents.length;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return ready >= count;
}

/** Cores and memory of each service while nothing runs. */
async function idleOf(services: readonly Child<unknown>[]): Promise<string> {
  // The orchestrator opens its sessions first.
  await pause(idleMs / 2);
  const before = await Promise.all(services.map((service) => service.usage()));
  await pause(idleMs);
  const after = await Promise.all(services.map((service) => service.usage()));
  return services
    .map(({ name }, index) => {
      const cores = (after[index]!.cpuMs - before[index]!.cpuMs) / idleMs;
      return `${name} ${(100 * cores).toFixed(1)} % of a core, ${after[index]!.rssMb.toFixed(0)} MB`;
    })
    .join(", ");
}

/** The first round warms up. */
async function loadOf(load: Load, orchestrator: Child<unknown>): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round <= loadRounds; round += 1) {
    const before = await orchestrator.usage();
    await load.run("one-step", executionsInRound);
    const after = await orchestrator.usage();
    if (round > 0) rounds.push((after.cpuMs - before.cpuMs) / executionsInRound);
  }
  return median(rounds);
}
