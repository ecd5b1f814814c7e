import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../harness/until.ts";
import { outputOf, pester, start, storyOf } from "./backends.ts";
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

/** Of the agent's handlers, so far. */
function runs({ folder }: FaultyMesh): number {
  const file = join(folder, "runs-agent-1");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
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
