import { afterEach, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve() {
  const gate = gatedCapability();
  const agent = defineAgent({
    name: "gated",
    version: "1",
    slots: 4,
    capabilities: { wait: gate.capability },
  });
  served = await startTestAgent(agent);
  return { gate, served };
}

it("keeps results over a lost connection and sends them again to the next claim", async () => {
  const { gate, served } = await serve();
  const before = await served.connect();
  const finished = before.dispatch("wait", {});
  const finishedLater = before.dispatch("wait", {});
  const running = before.dispatch("wait", {});
  await gate.started(running);
  gate.succeed(finished, "first");
  await before.next("succeeded");
  before.cut();
  gate.succeed(finishedLater, "second");

  const after = await served.connect();
  expect(after.inFlight.running).toEqual([running]);
  expect(after.inFlight.finished).toEqual([finished, finishedLater]);
  const results = [await after.next("succeeded"), await after.next("succeeded")];
  expect(results.map(({ output }) => Buffer.from(output).toString())).toEqual(['"first"', '"second"']);
  gate.succeed(running, "third");
  expect(await after.next("succeeded")).toMatchObject({ dispatchId: running });
});

it("forgets a result once it is acknowledged", async () => {
  const { gate, served } = await serve();
  const before = await served.connect();
  const dispatchId = before.dispatch("wait", {});
  gate.succeed(dispatchId);
  await before.next("succeeded");
  before.acknowledge([dispatchId]);
  await before.untaken();
  before.cut();
  expect((await served.connect()).inFlight).toMatchObject({ running: [], finished: [] });
});

it("ignores an ack of an owner that has lost the shard", async () => {
  const { gate, served } = await serve();
  const old = await served.connect();
  const dispatchId = old.dispatch("wait", {});
  gate.succeed(dispatchId);
  await old.next("succeeded");
  const owner = await served.connect({ orchestratorId: "orchestrator-2", epoch: 2n });
  expect(owner.inFlight.finished).toEqual([dispatchId]);
  old.acknowledge([dispatchId]);
  await old.untaken();
  expect((await owner.claim(0, 2n)).finished).toEqual([dispatchId]);
});

it("sends the result of work that another orchestrator started to the one that owns it now", async () => {
  const { gate, served } = await serve();
  const old = await served.connect();
  const dispatchId = old.dispatch("wait", {});
  await old.next("accepted");
  const owner = await served.connect({ orchestratorId: "orchestrator-2", epoch: 2n });
  expect(owner.inFlight.running).toEqual([dispatchId]);
  gate.succeed(dispatchId);
  expect(await owner.next("succeeded")).toMatchObject({ dispatchId });
  expect(await old.untaken()).toEqual([]);
});
