import { setTimeout } from "node:timers/promises";
import { startTestAgent } from "@weft/agent-sdk/testing";
import { startChild } from "./processes/child.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { sessionAgent } from "./session/agent.ts";
import type { SessionAgentFacts } from "./session/agent-process.ts";
import { Load } from "./session/load.ts";
import { BenchOrchestrator } from "./session/orchestrator.ts";
import { payloadsAtOnce } from "./session/payload.ts";
import { percentile } from "./statistics.ts";

const goalMs = 20;
const probesDefault = 300;
/** About as long as a result of 1 MiB takes. */
const resultMs = 6;

const help = `Measures how long a ping and a cancel take while payloads of 1 MiB pass the same session.

  npm run -s bench:session   (under a minute)

An agent in a process of its own, and its session with this one: idle; at some moment while one result of 1 MiB is on
its way; with ${payloadsAtOnce} payloads at once, both ways, in chunks; and with the same whole, as between sides of which one does
not know chunks. Where others keep the processors busy, all that a probe takes is their doing too: so it also says how
long the thread is busy from a ping to its answer beside one result, with the agent in this process.

The goal is ${goalMs} ms with chunks: in 99 of 100 cases beside one result, in processor time, and in the median beside
${payloadsAtOnce}; exits with 1 beyond it.

  --probes N   pings and cancels of each kind (${probesDefault}; a tenth of them where payloads go whole)
  --help       print this
`;

const kinds = ["pings", "cancels"] as const;
type Times = Readonly<Record<(typeof kinds)[number], readonly number[]>>;

await runLimitBench({ help, option: { name: "probes", default: probesDefault }, measure });

async function measure(_folder: string, probes: number): Promise<boolean> {
  const agent = await startChild<SessionAgentFacts>({ name: "agent", script: "session/agent-process.ts" });
  const open = (isChunked: boolean) => new BenchOrchestrator(agent.facts.address, isChunked);
  tell("idle", await timesOf(open(true), probes));
  progress("one result at a time");
  const one = await timesBesideOne(open(true), probes);
  tell("one result", one);
  const many = await timesBesideMany(`${payloadsAtOnce} at once`, open(true), probes);
  await timesBesideMany(`${payloadsAtOnce}, whole`, open(false), Math.ceil(probes / 10));
  const busy = await busyBesideOne(probes);
  const medians = kinds.map((kind) => percentile(many[kind], 50));
  return [percentile(busy, 99), ...medians].every((ms) => ms <= goalMs);
}

async function timesBesideOne(orchestrator: BenchOrchestrator, probes: number): Promise<Times> {
  return timesOf(orchestrator, probes, (probe) => besideOne(orchestrator, 1, probe));
}

/** Each probe at a moment of its own within the time that a result takes. */
async function besideOne(
  orchestrator: BenchOrchestrator,
  probes: number,
  probe: () => Promise<void>,
): Promise<void> {
  for (let index = 0; index < probes; index++) {
    const result = orchestrator.result();
    await setTimeout(Math.random() * resultMs);
    await probe();
    await result;
  }
}

/** Of both sides' thread. */
async function busyBesideOne(probes: number): Promise<readonly number[]> {
  const served = await startTestAgent(sessionAgent);
  const orchestrator = new BenchOrchestrator(served.address, true);
  const busy: number[] = [];
  await besideOne(orchestrator, 4 * probes, async () => {
    const before = process.threadCpuUsage();
    await orchestrator.ping();
    const { user, system } = process.threadCpuUsage(before);
    busy.push((user + system) / 1_000);
  });
  await served.stop();
  process.stdout.write(`one result   ping ${told(busy)} of the processor, both sides\n`);
  return busy;
}

async function timesBesideMany(
  name: string,
  orchestrator: BenchOrchestrator,
  probes: number,
): Promise<Times> {
  const load = new Load(orchestrator);
  progress(name);
  load.start();
  const times = await timesOf(orchestrator, probes);
  tell(name, times, `  ${(await load.stop()).toFixed(0)} MiB/s each way`);
  return times;
}

/** `beside` runs a probe while something else goes on. */
async function timesOf(
  orchestrator: BenchOrchestrator,
  probes: number,
  beside: (probe: () => Promise<void>) => Promise<void> = (probe) => probe(),
): Promise<Times> {
  const times = { pings: [] as number[], cancels: [] as number[] };
  for (let index = 0; index < probes; index++)
    await beside(async () => void times.pings.push(await timeOf(() => orchestrator.ping())));
  for (let index = 0; index < probes; index++)
    await beside(async () => {
      let beganMs = 0;
      await orchestrator.cancel(() => {
        beganMs = performance.now();
      });
      times.cancels.push(performance.now() - beganMs);
    });
  return times;
}

async function timeOf(run: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await run();
  return performance.now() - beganMs;
}

function tell(name: string, { pings, cancels }: Times, more = ""): void {
  process.stdout.write(
    `${name.padEnd(12)} ping ${told(pings)}   cancel to its answer ${told(cancels)}${more}\n`,
  );
}

function told(times: readonly number[]): string {
  const [p50, p99, max] = [50, 99, 100].map((percent) => percentile(times, percent).toFixed(2));
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
}
