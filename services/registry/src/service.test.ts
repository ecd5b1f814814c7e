import { spawn } from "node:child_process";
import { RegistryService, AgentState as State } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code, createChannel, type RpcError } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  callRegistry,
  heartbeat,
  queue,
  type RegistryCaller,
  registration,
  sampleFields,
} from "./rpc/registry-caller.fixture.ts";
import { createRegistry, type Registry } from "./service.ts";

let clock: StepClock;
let registry: Registry;
let address: string;
let caller: RegistryCaller;
let client: RegistryCaller["client"];

const { attach, watch }: Pick<RegistryCaller, "attach" | "watch"> = {
  attach: (...first) => caller.attach(...first),
  watch: (...request) => caller.watch(...request),
};

/** Nothing answers at the agents' addresses here. */
const probes = { intervalMs: 0, timeoutMs: 1, failuresMax: 1, successesMin: 1 };
const config = { address: "127.0.0.1:0", leaseMs: 10_000, probes };

beforeEach(async () => {
  clock = new StepClock();
  registry = createRegistry(config, { clock });
  address = `127.0.0.1:${(await registry.start()).port}`;
  caller = callRegistry(address);
  client = caller.client;
});

afterEach(async () => {
  caller.close();
  await registry.stop();
});

describe("Attach", () => {
  it("answers a registration with the lease, and heartbeats with its renewal", async () => {
    const call = client.attach();
    const answers = queue<unknown>();
    call.onMessage(({ message }) => answers.push(message));
    call.write(registration());
    expect(await answers.next()).toMatchObject({
      case: "attached",
      value: {
        lease: { seconds: 10n, nanos: 0 },
        registryIncarnation: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    call.write(heartbeat(3));
    expect(await answers.next()).toMatchObject({ case: "leaseRenewed", value: { lease: { seconds: 10n } } });
  });

  it("refuses a stream that does not begin with a registration", async () => {
    expect(await attach(heartbeat(1)).ended).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: { reason: "REGISTRATION_EXPECTED" },
    });
  });

  it("registers nothing on a stream that it has refused", async () => {
    const { call, ended } = attach(heartbeat(1));
    call.write(registration());
    await ended;
    expect((await client.listAgents({})).agents).toEqual([]);
  });

  it("refuses a second registration on one stream", async () => {
    const agent = attach();
    await agent.next();
    agent.call.write(registration());
    expect(await agent.ended).toMatchObject({ code: Code.INVALID_ARGUMENT });
  });

  it("tells every mistake of a registration", async () => {
    const bad = registration({ slots: 0, freeSlots: 0, address: "nowhere", capabilities: [] });
    const error = await attach(bad).ended;
    expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, message: "the registration has 3 mistakes" });
    const faulty = error?.details.violations?.map(({ field }) => field);
    expect(faulty).toEqual(["address", "capabilities", "slots"]);
  });

  it("ends the older of two streams of an agent with ABORTED", async () => {
    const older = attach();
    await older.next();
    const newer = attach();
    expect(await older.ended).toMatchObject({ code: Code.ABORTED, details: { reason: "SUPERSEDED" } });
    newer.call.write(heartbeat(1));
    expect([await newer.next(), await newer.next()]).toEqual(["attached", "leaseRenewed"]);
  });

  it("ends the stream of an agent that is silent for a lease, which is to attach again", async () => {
    const agent = attach();
    await agent.next();
    clock.advance(10_000);
    expect(await agent.ended).toMatchObject({ code: Code.UNAVAILABLE, details: { reason: "LEASE_ENDED" } });
  });
});

describe("WatchAgents", () => {
  it("gives whole records: a snapshot, then changes", async () => {
    await attach(registration({ labels: { team: "blue" }, zone: "z1" })).next();
    clock.advance(4_000);
    const { next } = watch();
    expect(await next()).toMatchObject({
      snapshot: true,
      warming: true,
      revision: 1n,
      agents: [
        {
          ...sampleFields,
          labels: { team: "blue" },
          zone: "z1",
          state: State.READY,
          leaseLeft: { seconds: 6n },
        },
      ],
    });
    await attach(registration({ agentId: "other" })).next();
    expect(await next()).toMatchObject({ snapshot: false, revision: 2n, agents: [{ agentId: "other" }] });
  });

  it("tells of an agent whose call was cut: suspect, ready again, suspect, gone", async () => {
    const { sees } = watch();
    const agent = attach();
    await sees(State.READY);
    agent.call.cancel();
    await sees(State.SUSPECT);
    const again = attach();
    await sees(State.READY);
    again.call.cancel();
    await sees(State.SUSPECT);
    clock.advance(10_000);
    expect(await sees(State.GONE)).toMatchObject({ agentId: "reviewer-1", leaseLeft: { seconds: 0n } });
  });

  it("tells of an agent that drains and leaves well: gone at once", async () => {
    const { sees } = watch();
    const { call, ended } = attach();
    call.write(heartbeat(4, true));
    await sees(State.DRAINING);
    call.end();
    await sees(State.GONE);
    expect(await ended).toBeUndefined();
  });

  it("tells of an agent whose process was killed: suspect", async () => {
    const { sees } = watch();
    const program = `
      import { RegistryService } from ${JSON.stringify(import.meta.resolve("@weft/proto/weft/registry/v1/registry_pb"))};
      import { createChannel } from ${JSON.stringify(import.meta.resolve("@weft/runtime/grpc"))};
      const call = createChannel({ address: "${address}" }).client(RegistryService).attach();
      call.write(${JSON.stringify(registration())});
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" });
    await sees(State.READY);
    child.kill("SIGKILL");
    await sees(State.SUSPECT);
  });

  it("goes on where it was cut off", async () => {
    const reader = watch();
    const { registryIncarnation } = await reader.next();
    await attach(registration({ agentId: "a" })).next();
    const { revision } = await reader.next();
    reader.cancel();
    await attach(registration({ agentId: "b" })).next();
    const resumed = watch({ after: { registryIncarnation, revision } });
    expect(await resumed.next()).toMatchObject({
      snapshot: false,
      revision: revision + 1n,
      agents: [{ agentId: "b" }],
    });
  });

  it("begins anew when the position is of another registry, such as this one before its restart", async () => {
    await attach().next();
    const after = { registryIncarnation: "another", revision: 1n };
    expect(await watch({ after }).next()).toMatchObject({ snapshot: true, agents: [{ state: State.READY }] });
  });

  it("refuses a position that never was", async () => {
    const messages = client.watchAgents({ after: { revision: -1n } });
    await expect(messages[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: { violations: [{ field: "after.revision" }] },
    });
  });

  it("refuses a filter that asks for no state", async () => {
    const messages = client.watchAgents({ filter: { states: [State.READY, State.UNSPECIFIED] } });
    await expect(messages[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: { violations: [{ field: "filter.states[1]", description: "must be a state of an agent" }] },
    });
  });
});

describe("GetAgent", () => {
  it("gives one agent, as long as it is not gone", async () => {
    await attach().next();
    expect((await client.getAgent({ agentId: "reviewer-1" })).agent).toMatchObject(sampleFields);
    clock.advance(10_000);
    await expect(client.getAgent({ agentId: "reviewer-1" })).rejects.toMatchObject({
      code: Code.NOT_FOUND,
      message: 'there is no agent "reviewer-1", or it is gone',
      details: { reason: "AGENT_NOT_FOUND" },
    });
  });

  it("refuses an id that no agent can have", async () => {
    await expect(client.getAgent({})).rejects.toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: { reason: "REQUEST_INVALID", violations: [{ field: "agent_id" }] },
    });
  });
});

describe("DrainAgent", () => {
  it("drains an agent, which hears of it on its stream", async () => {
    const call = client.attach();
    const answers = queue<unknown>();
    call.onMessage(({ message }) => answers.push(message.value));
    call.write(registration());
    expect(await answers.next()).toMatchObject({ drain: false });
    const { agent } = await client.drainAgent({ agentId: "reviewer-1" });
    expect(agent).toMatchObject({ state: State.DRAINING, agentId: "reviewer-1" });
    const told = await answers.next();
    expect(told).toMatchObject({ drain: true });
    expect(told).not.toHaveProperty("lease");
    call.write(heartbeat(4));
    expect(await answers.next()).toMatchObject({ lease: { seconds: 10n }, drain: true });
  });

  it("refuses what it can't drain", async () => {
    await attach().next();
    const code = (request: object) => client.drainAgent(request).catch(({ code }: RpcError) => code);
    expect(await code({ agentId: "nobody" })).toBe(Code.NOT_FOUND);
    expect(await code({ agentId: "reviewer-1", incarnation: "second" })).toBe(Code.ABORTED);
    expect(await code({})).toBe(Code.INVALID_ARGUMENT);
  });
});

describe("ListAgents", () => {
  it("gives pages in order of ids, by a token", async () => {
    for (const agentId of ["c", "a", "b"]) await attach(registration({ agentId })).next();
    const first = await client.listAgents({ pageSize: 2 });
    expect(first.agents.map(({ agentId }) => agentId)).toEqual(["a", "b"]);
    const second = await client.listAgents({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second.agents.map(({ agentId }) => agentId)).toEqual(["c"]);
    expect(second.nextPageToken).toBe("");
  });

  it("filters; a state that no agent has matches none", async () => {
    await attach().next();
    const count = async (filter: object) => (await client.listAgents({ filter })).agents.length;
    expect(await count({ capability: "code.review", states: [State.READY] })).toBe(1);
    expect(await count({ capability: "code.write" })).toBe(0);
    expect(await count({ states: [State.UNHEALTHY] })).toBe(0);
  });

  it("tells every mistake of a request", async () => {
    const request = { pageSize: 1_001, pageToken: "b2xk", filter: { states: [State.UNSPECIFIED] } };
    const error = await client.listAgents(request).catch((thrown: RpcError) => thrown);
    expect(error).toMatchObject({
      code: Code.INVALID_ARGUMENT,
      details: {
        violations: [{ field: "filter.states[0]" }, { field: "page_size" }, { field: "page_token" }],
      },
    });
  });
});

describe("a registry that starts again", () => {
  it("warms up: agents attach again, and readers hold nobody for gone before a lease is over", async () => {
    const before = watch();
    await attach().next();
    await before.sees(State.READY);
    const { registryIncarnation, revision } = await watch().next();
    await registry.stop();

    const again = createRegistry({ ...config, address }, { clock });
    await again.start();
    const after = { registryIncarnation, revision };
    const reader = watch({ after });
    const first = await reader.next();
    expect(first).toMatchObject({ snapshot: true, warming: true, agents: [] });
    expect(first.registryIncarnation).not.toBe(registryIncarnation);
    const agent = attach();
    await agent.next();
    expect(await reader.next()).toMatchObject({ warming: true, agents: [{ agentId: "reviewer-1" }] });
    clock.advance(5_000);
    agent.call.write(heartbeat(4));
    await agent.next();
    clock.advance(5_000);
    expect(await reader.next()).toMatchObject({ warming: false, agents: [] });
    caller.close();
    await again.stop();
  });
});

describe("the service", () => {
  it("ends every stream when it stops, so that agents and readers look for another", async () => {
    const { next } = watch();
    const agent = attach();
    await agent.next();
    await next();
    await next();
    const reading = next();
    const stopped = registry.stop();
    const stopping = { code: Code.UNAVAILABLE, details: { reason: "STOPPING" } };
    await expect(reading).rejects.toMatchObject(stopping);
    expect(await agent.ended).toMatchObject(stopping);
    await stopped;
    expect(clock.armed).toBe(0);
  });

  it("asks for its token", async () => {
    const guarded = createRegistry({ ...config, token: "right" });
    const { port } = await guarded.start();
    const call = async (token: string) => {
      const own = createChannel({ address: `127.0.0.1:${port}`, token });
      return own
        .client(RegistryService)
        .listAgents({})
        .finally(() => own.close());
    };
    await expect(call("wrong")).rejects.toMatchObject({ code: Code.UNAUTHENTICATED });
    expect((await call("right")).agents).toEqual([]);
    await guarded.stop();
  });

  it("does not start on an address that is taken", async () => {
    await expect(createRegistry({ ...config, address }).start()).rejects.toThrow("EADDRINUSE");
  });
});
