import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { type HeldStep, holdStep, type LinkedAgent, startLinkedAgent } from "../harness/held-step.ts";
import { until } from "../harness/until.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

type Scene = { readonly dev: WeftDev; readonly folder: string };

async function startScene(): Promise<Scene> {
  const folder = temporaryFolder();
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  return { dev, folder };
}

async function startAgent({ dev, folder }: Scene, id: string): Promise<LinkedAgent> {
  const agent = await startLinkedAgent(dev, folder, id);
  onTestFinished(() => agent.close());
  return agent;
}

function unreachable(step: HeldStep): Promise<unknown> {
  return until("the agent to be missed", () => step.isAgentUnreachable());
}

function reachable(step: HeldStep): Promise<unknown> {
  return until("the agent to be back", async () => !(await step.isAgentUnreachable()));
}

const undisturbed = ["executionStarted", "stepStarted", "stepSucceeded", "executionSucceeded"];

/** Without the step's time in the queue, before a session was open. */
async function story(step: HeldStep): Promise<readonly unknown[]> {
  return (await step.events()).filter((kind) => kind !== "stepQueued");
}

test("an agent that freezes is missed, and keeps its work when it goes on", async () => {
  const scene = await startScene();
  const agent = await startAgent(scene, "frozen");
  const step = await holdStep(scene.dev, scene.folder, [agent.id]);
  agent.process.kill("SIGSTOP");
  await unreachable(step);
  agent.process.kill("SIGCONT");
  await reachable(step);
  step.letGo();
  await step.end();
  expect(await story(step)).toEqual(undisturbed);
}, 60_000);

test("an agent whose connections are reset comes back as who it was, and keeps its work", async () => {
  const scene = await startScene();
  const agent = await startAgent(scene, "reset");
  const step = await holdStep(scene.dev, scene.folder, [agent.id]);
  for (const link of agent.links) link.swallow();
  for (const link of agent.links) link.reset();
  await unreachable(step);
  for (const link of agent.links) link.heal();
  await reachable(step);
  step.letGo();
  await step.end();
  expect(await story(step)).toEqual(undisturbed);
}, 60_000);

test("an agent behind a pulled cable is missed, then given up, and its work goes to another", async () => {
  const scene = await startScene();
  const agent = await startAgent(scene, "cut-off");
  const step = await holdStep(scene.dev, scene.folder, [agent.id]);
  for (const link of agent.links) link.swallow();
  await unreachable(step);
  const other = await startAgent(scene, "other");
  await until("the other to run it", () => step.hasRunAt(other.id));
  step.letGo();
  const { steps } = await step.end();
  expect(steps[0]).toMatchObject({ agentId: other.id, attempt: 1 });
  expect(await story(step)).toEqual([
    "executionStarted",
    "stepStarted",
    "stepInterrupted",
    "stepStarted",
    "stepSucceeded",
    "executionSucceeded",
  ]);
}, 60_000);
