import { Code } from "@weft/runtime/grpc";
import { afterEach, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { gatedCapability, startTestAgent, type TestAgent } from "../testing/index.ts";
import { HandOrchestrator } from "./hand-orchestrator.fixture.ts";
import { pingAfterMs, unansweredPingsMax } from "./liveness.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve(features: readonly string[]) {
  const gate = gatedCapability();
  const agent = defineAgent({
    name: "gated",
    version: "1",
    slots: 2,
    capabilities: { wait: gate.capability },
  });
  served = await startTestAgent(agent);
  const session = new HandOrchestrator(served.address, { features });
  await session.ping();
  return { gate, served, session };
}

/** Lets as many silent times pass as it takes pings; resolves when the last ping has come. */
async function fallSilent(served: TestAgent, session: HandOrchestrator, pings: number): Promise<void> {
  for (let index = 0; index < pings; index++) {
    const before = session.all("ping").length;
    served.advance(pingAfterMs);
    await session.until(() => session.all("ping").length > before);
  }
}

it("is not asked of an orchestrator that speaks", async () => {
  const { served, session } = await serve(["ping"]);
  for (let index = 0; index < 10; index++) {
    served.advance(pingAfterMs);
    await session.ping();
  }
  expect(session.all("ping")).toEqual([]);
});

it("is shown by the answer to a ping", async () => {
  const { served, session } = await serve(["ping"]);
  served.advance(pingAfterMs);
  for (let round = 0; round < 3; round++) {
    await fallSilent(served, session, unansweredPingsMax);
    const nonce = session.all("ping").at(-1)!.nonce;
    session.send({ entry: { case: "pong", value: { nonce } } });
    await session.ping();
    served.advance(pingAfterMs);
  }
  await session.ping();
});

it("is denied to an orchestrator that says nothing for 20 seconds; its work runs on", async () => {
  const { gate, served, session } = await serve(["ping"]);
  const input = Buffer.from("{}");
  const step = { dispatchId: "e/s/1/1", shard: 0, epoch: 1n, capability: "wait", input };
  session.send({ entry: { case: "dispatch", value: step } });
  await gate.started("e/s/1/1");
  served.advance(pingAfterMs);
  await fallSilent(served, session, unansweredPingsMax);
  served.advance(pingAfterMs);
  expect(await session.ended).toMatchObject({
    code: Code.UNAVAILABLE,
    message: "nothing came from the orchestrator for 20000 ms, and no answer to a ping",
    details: { reason: "SILENT" },
  });
  const next = await served.connect({ cluster: "" });
  expect(next.inFlight.running).toEqual(["e/s/1/1"]);
});

it("is not asked of an orchestrator that does not know how to answer", async () => {
  const { served, session } = await serve(["later"]);
  served.advance(100 * pingAfterMs);
  await session.ping();
  expect(session.all("ping")).toEqual([]);
});
