import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { agents } from "../agents/agents.ts";
import { runChaos } from "./chaos.ts";
import { readConfig } from "./config.ts";
import { cli, type DemoMesh, type Result, say, tellReport, withMesh, workflowFile } from "./mesh.ts";

const help = `usage: npm run demo [-- [--chaos] FOLDER]

Runs the repository-report workflow on FOLDER (this repository when none is given): starts \`weft dev\` and three
agents in processes of their own, runs the workflow with live progress, and ends by naming the report.

--chaos kills an agent and the orchestrator with SIGKILL in the middle, and shows that the report comes all the
same, each step with one success and each effect once. Exits with 1 when that does not hold.
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, chaos: { type: "boolean" } },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const { startedFrom, root } = readConfig();
  const folder = resolve(startedFrom, positionals[0] ?? root);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    process.stderr.write(`${folder} is not a folder\n\n${help}`);
    return 2;
  }
  const reportFolder = join(startedFrom, "report");
  if (values.chaos) return runChaos(folder, reportFolder);
  return withMesh(reportFolder, (mesh) => runDemo(mesh, folder));
}

async function runDemo(mesh: DemoMesh, folder: string): Promise<number> {
  const names = Object.keys(agents);
  say(`starting weft dev and ${names.length} agents (${names.join(", ")})`);
  await mesh.startDev();
  for (const name of names)
    mesh.start({ name, script: "examples/repository-report/src/main.ts", args: [name] });
  say(`running repository-report on ${folder}\n`);
  const args = ["run", workflowFile, "--input", JSON.stringify({ path: folder })];
  const run = mesh.start({ name: "weft run", script: cli, args, showsProgress: true });
  const onInterrupt = (): void => void run.stop();
  process.once("SIGINT", onInterrupt);
  const code = await run.ended;
  process.off("SIGINT", onInterrupt);
  if (code === 0) tellReport(JSON.parse(run.stdout()) as Result);
  return code;
}
