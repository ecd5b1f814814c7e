import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CommandLine, startCommand, weft } from "../harness/command-line.ts";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess, type TestProcess } from "../harness/process.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

const echo = `
workflow: echo
version: 1
mode: sequential
steps:
  - { id: first, capability: test.echo }
  - { id: second, capability: test.echo, with: { said: "\${steps.first.output.words}" } }
output: "\${steps.second.output}"
`;

const gated = `
workflow: gated
version: 1
steps: [{ id: wait, capability: test.gate }]
`;

const fiveMistakes = `
workflow: Five_Mistakes
version: 0
steps:
  - { id: a, capability: test.echo, timeout: 10x }
  - { id: a, capability: test.echo }
  - { id: b, capability: test.echo, dependsOn: [nobody] }
`;

const cyclic = `
workflow: cyclic
version: 1
steps:
  - { id: a, capability: test.echo, dependsOn: [c] }
  - { id: b, capability: test.echo, dependsOn: [a] }
  - { id: c, capability: test.echo, dependsOn: [b] }
`;

/** A project folder with these definitions and a `weft dev` of its own. */
async function project(): Promise<{ readonly folder: string; readonly dev: WeftDev }> {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries({ echo, gated, fiveMistakes, cyclic }))
    writeFileSync(join(folder, `${name}.yaml`), text);
  return { folder, dev: await startDev(folder) };
}

async function startDev(folder: string): Promise<WeftDev> {
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  return dev;
}

function startAgent(folder: string): TestProcess {
  const agent = startProcess("test/mesh/agents/recorder.ts", [folder, "agent-1"], { cwd: folder });
  onTestFinished(() => agent.end());
  return agent;
}

/** A command line that goes on; ended with the test if need be. */
function start(folder: string, ...line: readonly string[]): CommandLine {
  const command = startCommand(folder, line);
  onTestFinished(() => command.end());
  return command;
}

describe("weft dev", () => {
  test("stops cleanly at SIGTERM, and the next one has the same ports and token", async () => {
    const { folder, dev } = await project();
    dev.process.kill("SIGTERM");
    expect(await dev.process.ended).toBe(0);
    const kept = JSON.parse(readFileSync(join(folder, ".weft/dev.json"), "utf8")) as object;
    const { pid: _, ...published } = dev.file;
    expect(kept).toEqual(published);
    const again = await startDev(folder);
    expect(again.file).toEqual({ ...published, pid: again.process.pid });
  }, 60_000);

  test("refuses a folder that another one holds, until that one is gone, however it went", async () => {
    const { folder, dev } = await project();
    const second = await weft(folder, "dev");
    expect(second).toMatchObject({ exitCode: 4, out: "" });
    expect(second.err).toContain(
      `\`weft dev\` is already running with ${join(folder, ".weft")} (process ${dev.file.pid},`,
    );
    dev.process.kill("SIGKILL");
    await dev.process.ended;
    expect((await startDev(folder)).file.orchestrator).toBe(dev.file.orchestrator);
  }, 60_000);

  test("says what to do when a port that it kept is taken", async () => {
    const { folder, dev } = await project();
    dev.process.kill("SIGTERM");
    await dev.process.ended;
    const [, port = ""] = dev.file.orchestrator.split(":");
    const thief = createServer().listen(Number(port), "127.0.0.1");
    onTestFinished(() => void thief.close());
    await once(thief, "listening");
    const refused = await weft(folder, "dev");
    expect(refused.exitCode).toBe(4);
    expect(refused.err).toContain(
      `the orchestrator's port ${port} (kept in ${folder}/.weft/dev.json) is taken`,
    );
    const moved = start(folder, "dev", "--port", "0", "-o", "json");
    await moved.out.says("\n");
    const { orchestrator, registry } = JSON.parse(moved.out.text()) as Record<string, string>;
    expect(orchestrator).not.toBe(dev.file.orchestrator);
    expect(registry).toBe(dev.file.registry);
  }, 60_000);
});

describe("weft", () => {
  test("runs a workflow on a real agent, from a folder below", async () => {
    const { folder } = await project();
    startAgent(folder);
    const run = await weft(join(folder, ".weft"), "run", "../echo.yaml", "-i", "words=hello");
    expect(run).toMatchObject({ exitCode: 0, out: '{\n  "said": "hello"\n}\n' });
    expect(run.err).toMatch(/first +runs on agent-1\n.* first +succeeded\n.* second +runs on agent-1\n/);

    expect(await weft(folder, "register", "echo.yaml")).toMatchObject({
      exitCode: 0,
      out: "echo v1 registered\n",
    });
    const started = await weft(folder, "start", "echo@1", "-i", '{"words": 7}', "--label", "team=docs");
    const id = started.out.trim();
    expect(await weft(folder, "watch", id)).toMatchObject({ exitCode: 0, out: '{\n  "said": 7\n}\n' });
    expect((await weft(folder, "get", id)).out).toMatch(
      /^echo v1 {2}✓ succeeded [\s\S]*✓ first +test\.echo .* agent-1\n/,
    );
    const events = (await weft(folder, "events", id, "-o", "json")).out.trimEnd().split("\n");
    expect(events.map((line) => (JSON.parse(line) as { sequence: string }).sequence)).toEqual(
      events.map((_, index) => String(index + 1)),
    );
    const listed = JSON.parse(
      (await weft(folder, "list", "--label", "team=docs", "-o", "json")).out,
    ) as object;
    expect(listed).toMatchObject({ executions: [{ executionId: id, status: "EXECUTION_STATUS_SUCCEEDED" }] });
    expect((await weft(folder, "workflows")).out).toMatch(/^WORKFLOW +LATEST .*\necho +v1 /);
    expect((await weft(folder, "agents")).out).toMatch(
      /\nagent-1 +ready +16\/16 +test\.echo, test\.counted, test\.later, test\.gate /,
    );
  }, 120_000);

  test("tells every mistake of a definition with its place, and the steps of a cycle", async () => {
    const { folder } = await project();
    const validated = await weft(folder, "validate", "fiveMistakes.yaml");
    expect(validated.exitCode).toBe(2);
    expect(validated.out.match(/^fiveMistakes\.yaml:\d+ [^:]+(?=: )/gm)?.sort()).toEqual([
      "fiveMistakes.yaml:2 workflow",
      "fiveMistakes.yaml:3 version",
      "fiveMistakes.yaml:5 steps[0].timeout",
      "fiveMistakes.yaml:6 steps[1].id",
      "fiveMistakes.yaml:7 steps[2].dependsOn[0]",
    ]);
    expect(await weft(folder, "run", "fiveMistakes.yaml")).toMatchObject({ exitCode: 2, out: "" });
    const planned = await weft(folder, "plan", "cyclic.yaml");
    expect(planned.exitCode).toBe(2);
    expect(planned.out).toMatch(/Cycle {2}(a → b → c → a|b → c → a → b|c → a → b → c)\n/);
  }, 60_000);

  test("ends with 1 when a step fails, and with 3 when Ctrl-C cancelled it", async () => {
    const { folder } = await project();
    startAgent(folder);
    const failed = await weft(folder, "run", "gated.yaml", "-i", "gate=5");
    expect(failed).toMatchObject({ exitCode: 1, out: "" });
    expect(failed.err).toContain(
      "\nstep wait failed: INPUT_INVALID: test.gate: the input does not fit: gate:",
    );
    const run = start(folder, "run", "gated.yaml", "-i", "gate=never");
    await run.err.says("runs on agent-1");
    run.kill("SIGINT");
    expect(await run.ended).toBe(3);
    expect(run.err.text()).toContain("cancelling it");
  }, 60_000);

  test("says that no agent offers what a step needs", async () => {
    const { folder } = await project();
    const run = start(folder, "run", "echo.yaml");
    await run.err.says("first  no agent offers test.echo");
    startAgent(folder);
    expect(await run.ended).toBe(1);
  }, 60_000);

  test("goes on watching when weft dev is killed and comes back", async () => {
    const { folder, dev } = await project();
    startAgent(folder);
    const run = start(folder, "run", "gated.yaml", "-i", "gate=gate");
    const watch = start(folder, "watch", "--workflow", "gated", "-o", "json");
    await run.err.says("runs on agent-1");
    dev.process.kill("SIGKILL");
    await run.err.says("connection lost");
    await startDev(folder);
    await run.err.says("connected again");
    writeFileSync(join(folder, "gate"), "");
    expect(await run.ended).toBe(0);
    expect(JSON.parse(run.out.text())).toEqual({ wait: { agent: "agent-1" } });
    await watch.out.says("executionSucceeded");
    const sequences = watch.out
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { sequence: string });
    expect(new Set(sequences.map(({ sequence }) => sequence)).size).toBe(sequences.length);
    watch.kill("SIGINT");
    expect(await watch.ended).toBe(0);
  }, 60_000);
});
