import { startChild } from "./processes/child.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import type { SessionAgentFacts } from "./session/agent-process.ts";
import { Load, payloadBytes, payloadsAtOnce } from "./session/load.ts";
import { BenchOrchestrator } from "./session/orchestrator.ts";
import { percentile } from "./statistics.ts";

const goalMs = 20;
const probesDefault = 300;

const help = `Measures how long a ping and a cancel take while payloads of 1 MiB pass the same session, both ways.

  npm run -s bench:session   (under a minute)

An agent in a process of its own, and its session with this one: idle, with ${payloadsAtOnce} payloads at once in chunks, and
with the same whole, as between sides of which one does not know chunks. The goal is ${goalMs} ms with chunks, in the
median; exits with 1 beyond it.

  --probes N   pings and cancels of each kind (${probesDefault}; a tenth of them where payloads go whole)
  --help       print this
`;

await runLimitBench({ help, option: { name: "probes", default: probesDefault }, measure });

async function measure(_folder: string, probes: number): Promise<boolean> {
  const agent = await startChild<SessionAgentFacts>({ name: "agent", script: "session/agent-process.ts" });
  const open = (isChunked: boolean) => new BenchOrchestrator(agent.facts.address, isChunked);
  await probe("idle", open(true), probes, false);
  const medians = await probe("in chunks", open(true), probes, true);
  await probe("whole", open(false), Math.ceil(probes / 10), true);
  return medians.every((ms) => ms <= goalMs);
}

/** Tells of both kinds, and returns their medians. */
async function probe(
  name: string,
  orchestrator: BenchOrchestrator,
  probes: number,
  isLoaded: boolean,
): Promise<readonly number[]> {
  const load = new Load(orchestrator);
  if (isLoaded) {
    progress(`${payloadsAtOnce} payloads of ${payloadBytes} bytes at once, ${name}`);
    load.start();
  }
  const pings = await timesOf(probes, async (begin) => {
    begin();
    await orchestrator.ping();
  });
  const cancels = await timesOf(probes, (begin) => orchestrator.cancel(begin));
  const mibPerS = await load.stop();
  const rate = isLoaded ? `  ${mibPerS.toFixed(0)} MiB/s each way` : "";
  process.stdout.write(
    `${name.padEnd(10)} ping ${told(pings)}   cancel to its answer ${told(cancels)}${rate}\n`,
  );
  return [percentile(pings, 50), percentile(cancels, 50)];
}

async function timesOf(count: number, run: (begin: () => void) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    let beganMs = 0;
    await run(() => {
      beganMs = performance.now();
    });
    times.push(performance.now() - beganMs);
  }
  return times;
}

function told(times: readonly number[]): string {
  const [p50, p99] = [percentile(times, 50), percentile(times, 99)];
  return `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}
