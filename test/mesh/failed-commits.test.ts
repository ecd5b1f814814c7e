import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { Code } from "@weft/runtime/grpc";
import { describe, expect, test } from "vitest";
import { until } from "../harness/until.ts";
import { hanging, outputOf, pester, start, storyOf } from "./backends.ts";
import { FaultyMesh } from "./faulty-mesh.ts";

const threeEchoes = `
workflow: three-echoes
version: 1
mode: sequential
steps:
  - { id: first, capability: test.echo, with: { n: "\${input.n}" } }
  - { id: second, capability: test.echo, with: "\${steps.first.output}" }
  - { id: third, capability: test.echo, with: "\${steps.second.output}" }
output: "\${steps.third.output.n}"
`;

const gated = `
workflow: gated
version: 1
steps:
  - { id: wait, capability: test.gate, with: { gate: gate } }
  - { id: next, capability: test.echo, with: "\${input.text}", dependsOn: [wait] }
output: "\${steps.next.output}"
`;

/** Of the agent's handlers, so far. */
function runs({ folder }: FaultyMesh): number {
  const file = join(folder, "runs-agent-1");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
}

function openGate({ folder }: FaultyMesh): void {
  writeFileSync(join(folder, "gate"), "");
}

async function quarantineOf({ client }: FaultyMesh, executionId: string): Promise<string> {
  return (await client.explainExecution({ executionId })).quarantineReason;
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Whatever went wrong on the way: each fact is there once, in its place, and nothing was sent twice. */
async function expectSound(
  mesh: FaultyMesh,
  ids: readonly string[],
  steps: readonly string[],
): Promise<void> {
  for (const id of ids) {
    const { sequences, succeeded, sends } = await storyOf(mesh.client, id);
    expect(sequences).toEqual(upTo(sequences.length));
    expect(succeeded).toEqual(steps);
    expect(new Set(sends).size).toBe(sends.length);
  }
  expect(new Set(mesh.dispatched).size).toBe(mesh.dispatched.length);
}

describe("a writer thread that is killed", () => {
  test("takes nothing with it, and each call is answered or told to ask again", async () => {
    const mesh = await FaultyMesh.start();
    const ids = await Promise.all(upTo(50).map((n) => start(mesh.client, threeEchoes, { n })));
    const stop = pester(mesh.client, ids);
    const deaths = 3;
    for (const death of upTo(deaths)) {
      await until("more steps to have run", () => runs(mesh) > death * 30);
      await mesh.writers.at(-1)!.terminate();
      await until("the shard to be loaded anew", () => mesh.writers.length > death);
    }
    const outputs = await Promise.all(ids.map((id) => outputOf(mesh.client, id)));
    const outcomes = await stop();
    for (const [method, came] of Object.entries(outcomes))
      expect([method, ...[...came].sort()]).toEqual([method, "answered", "told to ask again"]);
    expect(outputs).toEqual(upTo(50));
    await expectSound(mesh, ids, ["first", "second", "third"]);
    expect(mesh.writers).toHaveLength(deaths + 1);
  }, 120_000);
});

describe("a writer thread that dies while nothing is written", () => {
  test("is noticed all the same: the shard is loaded anew, and takes what comes next", async () => {
    const mesh = await FaultyMesh.start();
    await mesh.writers[0]!.terminate();
    await until("the shard to be loaded anew", () => mesh.writers.length === 2);
    const source = { source: { case: "document" as const, value: threeEchoes } };
    await until("a definition to be registered", () =>
      mesh.client.registerWorkflow({ source }).catch(() => undefined),
    );
    const id = await start(mesh.client, threeEchoes, { n: 1 });
    expect(await outputOf(mesh.client, id)).toBe(1);
  });
});

describe("an execution whose row is refused", () => {
  const plant = (id: string) => `
    CREATE TRIGGER refuse_row BEFORE INSERT ON workflow_events WHEN NEW.execution_id = '${id}'
    BEGIN SELECT RAISE(ABORT, 'the trigger refuses it'); END`;

  test("is quarantined alone, says why, and goes on after a restart", async () => {
    const mesh = await FaultyMesh.start();
    const { client } = mesh;
    const ids = await Promise.all(upTo(12).map((n) => start(client, gated, { text: `text ${n}` })));
    // In the middle, so that it shares its commit with others.
    const [bad] = ids.slice(6);
    if (bad === undefined) throw new Error("nothing has started");
    const good = ids.filter((id) => id !== bad);
    await until("all to be at the gate", () => runs(mesh) === 12);
    mesh.besideTheStore(plant(bad));
    const awaited = client.awaitExecution({ executionId: bad, wait: { seconds: 3_600n } }, hanging);
    openGate(mesh);
    expect(await Promise.all(good.map((id) => outputOf(client, id)))).toEqual(
      good.map((id) => `text ${ids.indexOf(id) + 1}`),
    );
    await until("the quarantine", async () => (await quarantineOf(mesh, bad)) !== "");
    const why = "its facts cannot be written: the trigger refuses it";
    expect(await quarantineOf(mesh, bad)).toBe(why);
    const refused = { code: Code.FAILED_PRECONDITION, details: { reason: "QUARANTINED" } };
    await expect(client.cancelExecution({ executionId: bad })).rejects.toMatchObject({
      ...refused,
      message: `the execution is quarantined: ${why}`,
    });
    const hour = { executionId: bad, wait: { seconds: 3_600n } };
    for (const { execution } of [
      await client.getExecution(hour),
      await client.awaitExecution(hour),
      await awaited,
    ])
      expect(execution).toMatchObject({
        status: ExecutionStatus.RUNNING,
        quarantineReason: why,
        steps: [{ stepId: "wait" }, {}],
      });
    const { execution } = await client.getExecution({ executionId: good[0]! });
    expect(execution).toMatchObject({ status: ExecutionStatus.SUCCEEDED, quarantineReason: "" });
    expect((await storyOf(client, bad)).succeeded).toEqual([]);

    mesh.besideTheStore("DROP TRIGGER refuse_row");
    expect(await quarantineOf(mesh, bad)).toBe(why);
    await mesh.restart();
    expect(await outputOf(client, bad)).toBe("text 7");
    await expectSound(mesh, ids, ["wait", "next"]);
    expect(runs(mesh)).toBe(24);
  }, 60_000);
});

describe("a full disk", () => {
  /** More than is left in any page: rows that have it need room of their own. */
  const text = (n: number) => String(n).repeat(20_000);
  const pageCountMax = 200;
  const ballast = "CREATE TABLE ballast (bytes BLOB); INSERT INTO ballast VALUES (zeroblob(2000000))";

  const noRoom = {
    code: Code.RESOURCE_EXHAUSTED,
    message: expect.stringContaining("the disk is full: make room on it"),
    details: { reason: "NO_ROOM", retryAfterMs: 5_000 },
  };

  async function gatedExecutions(mesh: FaultyMesh): Promise<readonly string[]> {
    const ids = await Promise.all(upTo(10).map((n) => start(mesh.client, gated, { text: text(n) })));
    await until("all to be at the gate", () => runs(mesh) === 10);
    return ids;
  }

  async function expectBlocked({ client }: FaultyMesh, ids: readonly string[]): Promise<void> {
    await until("the log to be blocked", async () => {
      const explained = await Promise.all(ids.map((executionId) => client.explainExecution({ executionId })));
      return explained.every(({ logBlocked }) => logBlocked);
    });
    await expect(start(client, gated, {})).rejects.toMatchObject(noRoom);
    const [executionId = ""] = ids;
    await expect(client.cancelExecution({ executionId })).rejects.toMatchObject(noRoom);
    const { executions } = await client.listExecutions({});
    expect(executions.map((row) => row.executionId).sort()).toEqual([...ids].sort());
    const open: readonly ExecutionStatus[] = [ExecutionStatus.RUNNING, ExecutionStatus.SUCCEEDED];
    expect(executions.filter(({ status }) => !open.includes(status))).toEqual([]);
  }

  async function expectAllEnd(mesh: FaultyMesh, ids: readonly string[]): Promise<void> {
    const outputs = await Promise.all(ids.map((id) => outputOf(mesh.client, id)));
    expect(outputs).toEqual(upTo(10).map(text));
    await expectSound(mesh, ids, ["wait", "next"]);
    expect(runs(mesh)).toBe(20);
    const late = await start(mesh.client, gated, { text: "late" });
    expect(await outputOf(mesh.client, late)).toBe("late");
  }

  test("refuses what is new; what was accepted waits, and ends once there is room", async () => {
    const mesh = await FaultyMesh.start(pageCountMax);
    const ids = await gatedExecutions(mesh);
    mesh.besideTheStore(ballast);
    openGate(mesh);
    await expectBlocked(mesh, ids);
    mesh.besideTheStore("DROP TABLE ballast");
    await expectAllEnd(mesh, ids);
    expect(mesh.writers).toHaveLength(1);
  }, 60_000);

  test("refuses the start that finds it, and takes it when it comes again", async () => {
    const mesh = await FaultyMesh.start(pageCountMax);
    openGate(mesh);
    mesh.besideTheStore(ballast);
    const starting = () => start(mesh.client, gated, { text: text(1) }, "order-1");
    await expect(starting()).rejects.toMatchObject(noRoom);
    mesh.besideTheStore("DROP TABLE ballast");
    const id = await until("the start to be taken", () => starting().catch(() => undefined));
    expect(await outputOf(mesh.client, id)).toBe(text(1));
    expect((await mesh.client.listExecutions({})).executions).toHaveLength(1);
  }, 60_000);

  test("is left behind by a restart with more room", async () => {
    const mesh = await FaultyMesh.start(pageCountMax);
    const ids = await gatedExecutions(mesh);
    openGate(mesh);
    await expectBlocked(mesh, ids);
    await mesh.restart();
    await expectAllEnd(mesh, ids);
  }, 60_000);
});
