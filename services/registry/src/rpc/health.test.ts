import { AgentService } from "@weft/proto/weft/agent/v1/agent_pb";
import { AgentState as State } from "@weft/proto/weft/registry/v1/registry_pb";
import { allowAll, anybody, Code, createServer, implementPart } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRegistry } from "../service.ts";
import { callRegistry, registration } from "./registry-caller.fixture.ts";

const intervalMs = 1_000;
const probes = { intervalMs, timeoutMs: 10_000, failuresMax: 2, successesMin: 2 };

async function startRegistry() {
  const clock = new StepClock();
  const registry = createRegistry({ address: "127.0.0.1:0", leaseMs: 60_000, probes }, { clock });
  const caller = callRegistry(`127.0.0.1:${(await registry.start()).port}`);
  onTestFinished(async () => {
    caller.close();
    await registry.stop();
  });
  return { clock, ...caller };
}

/** The gRPC server of an agent; what it says of its health is the test's to set. */
async function startAgent() {
  const server = createServer({
    implementations: [implementPart(AgentService, {})],
    authenticate: anybody({ kind: "service", name: "registry" }),
    policy: allowAll,
    logger: silentLogger,
  });
  const address = `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  onTestFinished(() => server.stop(0));
  return { server, address };
}

describe("a registry that probes its agents over real sockets", () => {
  it("lets one join, gives up on it when it stops serving, and takes it back", async () => {
    const { clock, client, attach, watch } = await startRegistry();
    const { server, address } = await startAgent();
    server.setServing(true);
    const { sees } = watch();
    await attach(registration({ address })).next();
    await sees(State.JOINING);
    await sees(State.READY);

    /** Probes again and again, as time passes, until so many have failed in a row. */
    const health = async () => (await client.getAgent({ agentId: "reviewer-1" })).agent?.health;
    const probedUntil = async (failuresInRow: number) => {
      clock.advance(intervalMs);
      for (;;) if ((await health())?.failuresInRow === failuresInRow) return;
    };
    server.setServing(false);
    await probedUntil(1);
    expect((await client.listAgents({ filter: { states: [State.READY] } })).agents).toHaveLength(1);
    await probedUntil(2);
    expect(await sees(State.UNHEALTHY)).toMatchObject({
      health: { failuresInRow: 2, problem: "it says that it does not serve (status 2)" },
    });
    server.setServing(true);
    await probedUntil(0);
    clock.advance(intervalMs);
    expect(await sees(State.READY)).toMatchObject({ health: { failuresInRow: 0, problem: "" } });
  });

  it("refuses an older incarnation while the newer one lives", async () => {
    const { client, attach } = await startRegistry();
    const { address } = await startAgent();
    const startedAt = { seconds: 2_000n, nanos: 0 };
    await attach(registration({ address, incarnation: "second", startedAt })).next();
    const older = attach(registration({ address, startedAt: { seconds: 1_999n, nanos: 0 } }));
    expect(await older.ended).toMatchObject({
      code: Code.ABORTED,
      details: { reason: "INCARNATION_REPLACED" },
    });
    const { agent } = await client.getAgent({ agentId: "reviewer-1" });
    expect(agent).toMatchObject({ incarnation: "second", startedAt });
  });
});
