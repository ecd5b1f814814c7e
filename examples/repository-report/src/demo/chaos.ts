import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Delivery, type EffectSink, type Hold, openEffectSink } from "./effect-sink.ts";
import { cli, type DemoMesh, type Result, say, tellReport, withMesh, workflowFile } from "./mesh.ts";
import type { DemoProcess } from "./process.ts";
import { broken, type Evidence, factsOf, story } from "./verdict.ts";

const steps = ["collect", "measure", "check", "report", "notify"];
/** Each is the name of an agent and a number. */
const agentIds = ["collector-1", "analyst-1", "analyst-2", "reporter-1"];

/**
 * The demo with two kills: SIGKILL for the agent that measures, after its effect and before its result, and for
 * the orchestrator while the reporter is at work. Returns the exit code: 0 when docs/guarantees.md kept its word.
 */
export async function runChaos(folder: string, reportFolder: string): Promise<number> {
  const sink = await openEffectSink();
  try {
    return await withMesh(reportFolder, async (mesh) => {
      const done = await killInTheMiddle(mesh, sink, folder);
      return done ? judge(await evidenceOf(mesh, sink, reportFolder, done), done) : 1;
    });
  } finally {
    await sink.close();
  }
}

/** Undefined when the execution did not succeed: `weft run` has said why. */
async function killInTheMiddle(
  mesh: DemoMesh,
  sink: EffectSink,
  folder: string,
): Promise<Result | undefined> {
  say(`starting weft dev and ${agentIds.length} agents (${agentIds.join(", ")})`);
  const dev = await mesh.startDev();
  const agents = new Map(agentIds.map((id) => [id, startAgent(mesh, id, sink.url)]));
  const measure = sink.hold("measure");
  const report = sink.hold("report");
  say(`running repository-report on ${folder}\n`);
  const run = startRun(mesh, folder);
  const onInterrupt = (): void => void run.stop();
  process.once("SIGINT", onInterrupt);

  const { agent: victim } = await reached(measure, [run, dev]);
  await agents.get(victim)?.kill();
  tell(`SIGKILL for ${victim}: it has measured, the effect is out, its result is not`);

  const { agent: reporter } = await reached(report, [run, dev]);
  await dev.kill();
  tell(`SIGKILL for weft dev, orchestrator and registry: ${reporter} is at work and finishes alone`);
  report.release();
  await mesh.startDev();
  tell("weft dev is started again on what is on disk");

  const code = await run.ended;
  process.off("SIGINT", onInterrupt);
  return code === 0 ? (JSON.parse(run.stdout()) as Result) : undefined;
}

function startAgent(mesh: DemoMesh, agentId: string, sink: string): DemoProcess {
  const script = "examples/repository-report/src/demo/chaos-agent.ts";
  return mesh.start({ name: agentId, script, args: [agentId.replace(/-\d+$/, ""), agentId, sink] });
}

function startRun(mesh: DemoMesh, folder: string): DemoProcess {
  const args = ["run", workflowFile, "--input", JSON.stringify({ path: folder })];
  return mesh.start({ name: "weft run", script: cli, args, onLine: (line) => say(`  ${line}`) });
}

/** The delivery that a hold has caught; rejects when a process that it needs ends before. */
function reached(hold: Hold, needed: readonly DemoProcess[]): Promise<Delivery> {
  const ended = needed.map(async ({ name, ended, stderr }): Promise<never> => {
    const code = await ended;
    throw new Error(`${name} has ended too early, with ${code}: ${stderr()}`);
  });
  return Promise.race([hold.reached, ...ended]);
}

async function evidenceOf(
  mesh: DemoMesh,
  sink: EffectSink,
  reportFolder: string,
  { html, markdown }: Result,
): Promise<Evidence> {
  const key = sink.deliveries[0]?.key ?? "";
  const executionId = key.slice(0, key.lastIndexOf("/"));
  const events = mesh.start({
    name: "weft events",
    script: cli,
    args: ["events", executionId, "-o", "json"],
  });
  if ((await events.ended) !== 0) throw new Error(`weft events: ${events.stderr()}`);
  const notified = readFileSync(join(reportFolder, "notifications.ndjson"), "utf8").trim().split("\n");
  const keys = notified.map((text) => (JSON.parse(text) as { readonly key: string }).key);
  return {
    executionId,
    steps,
    facts: factsOf(events.stdout()),
    deliveries: sink.deliveries,
    notifications: keys.filter((each) => each.startsWith(`${executionId}/`)),
    hasReport: existsSync(html) && existsSync(markdown),
  };
}

function judge(evidence: Evidence, result: Result): number {
  say(`\nwhat the log and the sink of effects say\n  ${story(evidence).join("\n  ")}`);
  const problems = broken(evidence);
  if (problems.length > 0) {
    process.stderr.write(`\nthe mesh did not hold:\n  ${problems.join("\n  ")}\n`);
    return 1;
  }
  say("\nthe mesh held: two SIGKILLs, every step succeeded once, every effect happened once");
  tellReport(result);
  return 0;
}

function tell(text: string): void {
  say(`\n  ✗ ${text}\n`);
}
