import { AgentState as State } from "@weft/proto/weft/registry/v1/registry_pb";
import { Code } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRegistry, type Registry } from "../service.ts";
import { callRegistry, type RegistryCaller, sampleFields } from "./registry-caller.fixture.ts";

const probes = { intervalMs: 0, timeoutMs: 1, failuresMax: 1, successesMin: 1 };
const identity = { agentId: "reviewer-1", incarnation: "first" };

let clock: StepClock;
let registry: Registry;
let caller: RegistryCaller;

beforeEach(async () => {
  clock = new StepClock();
  registry = createRegistry({ address: "127.0.0.1:0", leaseMs: 10_000, probes }, { clock });
  caller = callRegistry(`127.0.0.1:${(await registry.start()).port}`);
});

afterEach(async () => {
  caller.close();
  await registry.stop();
});

describe("an agent that holds no stream", () => {
  it("registers, is heard and leaves, each in a call", async () => {
    const { client } = caller;
    const { sees } = caller.watch();
    const registered = await client.register({ registration: sampleFields });
    expect(registered).toMatchObject({
      lease: { seconds: 10n },
      registryIncarnation: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await sees(State.READY)).toMatchObject(sampleFields);
    const beat = { ...identity, heartbeat: { freeSlots: 1, draining: true } };
    expect(await client.heartbeat(beat)).toMatchObject({ lease: { seconds: 10n } });
    expect(await sees(State.DRAINING)).toMatchObject({ freeSlots: 1 });
    await client.deregister(identity);
    await sees(State.GONE);
  });

  it("is shown with how late its event loop was, where it says so", async () => {
    const { client } = caller;
    await client.register({ registration: sampleFields });
    const lagOf = async () => (await client.getAgent({ agentId: "reviewer-1" })).agent?.eventLoopLag;
    expect(await lagOf()).toBeUndefined();
    const eventLoopLag = { seconds: 1n, nanos: 250_000_000 };
    await client.heartbeat({ ...identity, heartbeat: { freeSlots: 4, eventLoopLag } });
    expect(await lagOf()).toMatchObject(eventLoopLag);
  });

  it("is told to register again when its lease has ended", async () => {
    const { client } = caller;
    await client.register({ registration: sampleFields });
    clock.advance(10_000);
    await expect(client.heartbeat({ ...identity, heartbeat: {} })).rejects.toMatchObject({
      code: Code.NOT_FOUND,
      message: 'agent "reviewer-1" is not registered; register again',
      details: { reason: "NOT_REGISTERED" },
    });
  });

  it("is told every mistake, by its field", async () => {
    const { client } = caller;
    const fieldsOf = (call: Promise<unknown>) =>
      call.then(
        () => [],
        ({ details }) => details.violations?.map(({ field }: { field: string }) => field),
      );
    expect(await fieldsOf(client.register({}))).toEqual(["registration"]);
    expect(await fieldsOf(client.register({ registration: { ...sampleFields, slots: 0 } }))).toEqual([
      "slots",
      "free_slots",
    ]);
    expect(await fieldsOf(client.heartbeat({}))).toEqual(["agent_id", "incarnation", "heartbeat"]);
    expect(await fieldsOf(client.heartbeat({ heartbeat: {} }))).toEqual(["agent_id", "incarnation"]);
    expect(await fieldsOf(client.deregister({ agentId: "a" }))).toEqual(["incarnation"]);
  });
});
