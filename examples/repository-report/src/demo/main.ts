import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readConfig } from "./config.ts";
import { type DemoProcess, startProcess } from "./process.ts";

const help = `usage: npm run demo [-- FOLDER]

Runs the repository-report workflow on FOLDER (this repository when none is given): starts \`weft dev\` and three
agents in processes of their own, runs the workflow with live progress, and ends by naming the report.
`;

const agents = ["collector", "analyst", "reporter"] as const;
const cli = "services/cli/src/main.ts";
const readyMsMax = 30_000;

/** What the workflow's result names. */
type Result = { readonly html: string; readonly markdown: string; readonly summary: string };

process.exitCode = await main();

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
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
  return runDemo(folder, join(startedFrom, "report"));
}

async function runDemo(folder: string, reportFolder: string): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), "weft-demo-"));
  const env = { WEFT_DIR: data, REPORT_FOLDER: reportFolder };
  const helpers: DemoProcess[] = [];
  try {
    say(`starting weft dev and ${agents.length} agents (${agents.join(", ")})`);
    helpers.push(startProcess({ name: "weft dev", script: cli, args: ["dev", "--data", data], env }));
    await ready(helpers, () => existsSync(join(data, "dev.json")) && hasAddresses(join(data, "dev.json")));
    for (const name of agents)
      helpers.push(
        startProcess({ name, script: "examples/repository-report/src/main.ts", args: [name], env }),
      );
    say(`running repository-report on ${folder}\n`);
    return await runWorkflow(folder, env);
  } finally {
    await Promise.all(helpers.reverse().map((helper) => helper.stop()));
    rmSync(data, { recursive: true, force: true });
  }
}

/** Waits until weft dev serves; says what it said when it does not. */
async function ready(helpers: readonly DemoProcess[], isReady: () => boolean): Promise<void> {
  const deadline = performance.now() + readyMsMax;
  while (!isReady()) {
    const gone = helpers.find((helper) => helper.hasEnded());
    if (gone) throw new Error(`${gone.name} has ended: ${gone.stderr()}`);
    if (performance.now() > deadline) throw new Error(`weft dev does not serve after ${readyMsMax / 1000} s`);
    await pause(20);
  }
}

function hasAddresses(file: string): boolean {
  return readFileSync(file, "utf8").includes('"orchestrator"');
}

async function runWorkflow(folder: string, env: Readonly<Record<string, string>>): Promise<number> {
  const workflow = join(import.meta.dirname, "../../workflow.yaml");
  const args = ["run", workflow, "--input", JSON.stringify({ path: folder })];
  const run = startProcess({ name: "weft run", script: cli, args, env, showsProgress: true });
  const onInterrupt = (): void => void run.stop();
  process.once("SIGINT", onInterrupt);
  const code = await run.ended;
  process.off("SIGINT", onInterrupt);
  if (code === 0) tellReport(JSON.parse(run.stdout()) as Result);
  return code;
}

function tellReport({ html, markdown, summary }: Result): void {
  const shown = (path: string): string => {
    const short = relative(process.cwd(), path);
    return short.startsWith("..") ? path : short;
  };
  say(`\n${summary}\n\nThe report: ${shown(html)}\n  and as text: ${shown(markdown)}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
