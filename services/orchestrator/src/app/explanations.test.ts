import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { isRejection } from "../core/rejection.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";

const single = testWorkflow({ steps: [{ id: "a" }] });

let mesh: Mesh;

beforeEach(async () => {
  mesh = await openMesh(openMemoryStore());
});

async function explained(id: string) {
  const explanation = await mesh.shard.explanations.explain("default", id);
  if (isRejection(explanation)) throw new Error(explanation.message);
  return explanation;
}

async function slotOf(id: string) {
  return (await explained(id)).steps[0]?.slot;
}

describe("a step without an agent is explained by", () => {
  it("nobody who offers the capability", async () => {
    expect(await slotOf(await mesh.started(single))).toEqual({ kind: "no-agent" });
  });

  it("agents that take no work", async () => {
    mesh.agents.appear("x").cut();
    expect(await slotOf(await mesh.started(single))).toEqual({ kind: "agents-unavailable", agents: 1 });
  });

  it("agents that are all full, and its place in the queue", async () => {
    mesh.agents.appear("x");
    mesh.agents.appear("y");
    const ids = [];
    for (let count = 0; count < 4; count++) ids.push(await mesh.started(single));
    const slots = await Promise.all(ids.map(slotOf));
    expect(slots).toEqual([
      undefined,
      undefined,
      { kind: "agents-full", agents: 2, position: 1 },
      { kind: "agents-full", agents: 2, position: 2 },
    ]);
  });
});

describe("an explanation", () => {
  it("tells whether the agent that has a step is heard of", async () => {
    const x = mesh.agents.appear("x");
    const id = await mesh.started(single);
    const reachable = async () => (await explained(id)).steps[0]?.isAgentReachable;
    expect(await reachable()).toBe(true);
    x.listener.silenceChanged(true);
    expect(await reachable()).toBe(false);
    x.listener.silenceChanged(false);
    expect(await reachable()).toBe(true);
    x.cut();
    expect(await reachable()).toBe(false);
  });

  it("has a reason for each step that has not ended, and none after the end", async () => {
    const x = mesh.agents.appear("x", { slots: 5 });
    const workflow = testWorkflow({
      steps: [{ id: "a" }, { id: "b", dependsOn: ["a"], join: "done" }, { id: "c", dependsOn: ["a", "b"] }],
    });
    const id = await mesh.started(workflow);
    expect((await explained(id)).steps).toMatchObject([
      { step: "a", status: "RUNNING", wait: { kind: "answer", agentId: "x", attempt: 1 } },
      { step: "b", status: "PENDING", wait: { kind: "dependencies", open: ["a"], join: "done" } },
      { step: "c", status: "PENDING", wait: { kind: "dependencies", open: ["a", "b"], join: "all" } },
    ]);
    for (const step of ["a", "b", "c"]) {
      x.succeed(`${id}/${step}/1/1`);
      await mesh.hand.commitAll();
    }
    expect(await explained(id)).toMatchObject({ status: "SUCCEEDED", steps: [] });
  });

  it("is refused for what is not there", async () => {
    expect(await mesh.shard.explanations.explain("default", "nothing")).toMatchObject({
      reason: "EXECUTION_NOT_FOUND",
    });
  });
});
