import { holdStep, type LinkedAgent, startLinkedAgent } from "../harness/held-step.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { median } from "./statistics.ts";

const roundsDefault = 20;

/** What happens to an agent that holds a step, and in how many milliseconds the orchestrator has to miss it. */
const losses = {
  "SIGKILL of the agent": { msMax: 100, lose: ({ process }: LinkedAgent) => process.kill("SIGKILL") },
  "SIGSTOP of the agent": { msMax: 3_000, lose: ({ process }: LinkedAgent) => process.kill("SIGSTOP") },
  "a link that swallows bytes": {
    msMax: 10_000,
    lose: ({ links }: LinkedAgent) => {
      for (const link of links) link.swallow();
    },
  },
} as const;

type Kind = keyof typeof losses;
const kinds = Object.keys(losses) as Kind[];

const help = `Measures how long the mesh takes to notice that an agent is lost.

  npm run -s bench:detection   (about 4 minutes)

In each round a new agent process, behind TCP links of its own, takes a step; then it is killed, frozen, or cut off,
and the orchestrator is asked every few milliseconds whether it misses the agent. And in each round an agent's links
are reset: it has to come back within the grace and keep its step. Exits with 1 when the slowest of a kind takes
longer than ${kinds.map((kind) => losses[kind].msMax).join(", ")} ms, or a step was not kept.

  --rounds N   of each kind (${roundsDefault})
  --help       print this
`;

await runLimitBench({ help, option: { name: "rounds", default: roundsDefault }, measure });

async function measure(folder: string, rounds: number): Promise<boolean> {
  const dev = await startWeftDev(folder);
  const missedMs = Object.fromEntries(kinds.map((kind) => [kind, [] as number[]])) as Record<Kind, number[]>;
  let kept = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const kind of kinds) missedMs[kind].push(await untilMissed(dev, folder, kind, round));
      if (await comesBack(dev, folder, round)) kept += 1;
      progress(`round ${round} of ${rounds}`);
    }
  } finally {
    await dev.close();
  }
  const areSeen = kinds.map((kind) => {
    const slowest = Math.max(...missedMs[kind]);
    const seen = `seen after ${median(missedMs[kind]).toFixed(0)} ms (median), ${slowest.toFixed(0)} ms (slowest)`;
    return told(`${kind}: ${seen}`, slowest <= losses[kind].msMax);
  });
  const areKept = told(`links reset: ${kept} of ${rounds} agents came back with their step`, kept === rounds);
  return areSeen.every(Boolean) && areKept;
}

async function untilMissed(dev: WeftDev, folder: string, kind: Kind, round: number): Promise<number> {
  const agent = await startLinkedAgent(dev, folder, `agent-${kinds.indexOf(kind)}-${round}`);
  try {
    const step = await holdStep(dev, folder, [agent.id]);
    const beganMs = performance.now();
    losses[kind].lose(agent);
    await until(`${kind} to be noticed`, () => step.isAgentUnreachable());
    const missedMs = performance.now() - beganMs;
    await dev.orchestrator.cancelExecution({ executionId: step.executionId });
    return missedMs;
  } finally {
    await agent.close();
  }
}

/** In time for its step to go nowhere else. */
async function comesBack(dev: WeftDev, folder: string, round: number): Promise<boolean> {
  const agent = await startLinkedAgent(dev, folder, `agent-reset-${round}`);
  try {
    const step = await holdStep(dev, folder, [agent.id]);
    for (const link of agent.links) link.reset();
    step.letGo();
    await step.end();
    return !(await step.events()).includes("stepInterrupted");
  } finally {
    await agent.close();
  }
}

function told(text: string, isMet: boolean): boolean {
  process.stdout.write(`${text}  ${isMet ? "ok" : "MISSED"}\n`);
  return isMet;
}
