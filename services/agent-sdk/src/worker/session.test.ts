import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AgentService,
  OrchestratorEntrySchema,
  RejectionReason,
  type SessionRequestSchema,
  type SessionResponse,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { Code, createChannel, type RpcError } from "@weft/runtime/grpc";
import { afterEach, describe, expect, it } from "vitest";
import { defineAgent } from "../define-agent.ts";
import { gatedCapability, startTestAgent, type TestAgent, type TestAgentOptions } from "../testing/index.ts";

let served: TestAgent | undefined;
afterEach(() => served?.stop());

async function serve({ slots = 2, maxConcurrency = 2, ...options }: Shape = {}) {
  const gate = gatedCapability();
  const capabilities = { wait: { ...gate.capability, maxConcurrency }, other: gate.capability };
  const agent = defineAgent({ name: "gated", version: "1", slots, capabilities });
  served = await startTestAgent(agent, options);
  return { gate, served };
}
type Shape = TestAgentOptions & { readonly slots?: number; readonly maxConcurrency?: number };

/** A session without a greeting. */
function rawSession(address: string, token?: string) {
  const channel = createChannel({ address, exclusive: true, ...(token === undefined ? {} : { token }) });
  const call = channel.client(AgentService).session();
  const frames: SessionResponse[] = [];
  const ended = new Promise<RpcError | undefined>((resolve) => call.onEnd(resolve));
  call.onMessage((frame) => frames.push(frame));
  return {
    frames,
    ended: ended.finally(() => channel.close()),
    send: (frame: MessageInitShape<typeof SessionRequestSchema>) => void call.write(frame),
  };
}

const hello = (min: number, max: number, orchestratorId = "o") =>
  ({ entry: { case: "hello", value: { cluster: "c", orchestratorId, versions: { min, max } } } }) as const;

describe("the greeting", () => {
  it("answers hello with who the agent is and what it can do", async () => {
    const { served } = await serve();
    const { welcome } = await served.connect();
    expect(welcome).toMatchObject({
      agentId: "gated-test",
      version: 1,
      slots: 2,
      capabilities: ["wait", "other"],
      busyElsewhere: 0,
    });
    expect(welcome.incarnation).not.toBe("");
  });

  it("ends a session without a common protocol version, naming both ranges", async () => {
    const { served } = await serve();
    const session = rawSession(served.address);
    session.send({ entries: [hello(2, 3)] });
    expect(await session.ended).toMatchObject({
      code: Code.FAILED_PRECONDITION,
      message: "this agent speaks protocol versions 1 to 1, the orchestrator 2 to 3",
    });
  });

  it("ends a session that begins with anything else", async () => {
    const { served } = await serve();
    const session = rawSession(served.address);
    session.send({ entries: [{ entry: { case: "ping", value: { nonce: 1n } } }] });
    expect(await session.ended).toMatchObject({ code: Code.FAILED_PRECONDITION });
    expect(session.frames).toEqual([]);
  });

  it("ends a session whose orchestrator has no id", async () => {
    const { served } = await serve();
    const session = rawSession(served.address);
    session.send({ entries: [hello(1, 1, "")] });
    expect(await session.ended).toMatchObject({ code: Code.INVALID_ARGUMENT });
  });

  it("ends a session that says hello twice", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    orchestrator.send(hello(1, 1));
    expect(await orchestrator.ended).toMatchObject({ code: Code.FAILED_PRECONDITION });
  });

  it("replaces the old session of the same orchestrator", async () => {
    const { served } = await serve();
    const old = await served.connect();
    const fresh = await served.connect();
    expect(await old.ended).toMatchObject({ code: Code.ABORTED, details: { reason: "REPLACED" } });
    expect(await fresh.untaken()).toEqual([]);
  });
});

describe("unknown entries", () => {
  const unknownEntry = (mustUnderstand: boolean) => ({
    ...create(OrchestratorEntrySchema, { mustUnderstand }),
    $unknown: [{ no: 99, wireType: 2, data: new Uint8Array([0]) }],
  });

  it("are refused when they must be understood", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    orchestrator.send(unknownEntry(true));
    expect(await orchestrator.untaken()).toMatchObject([
      { case: "unsupported", value: { message: "protocol version 1 has no such entry (field 99)" } },
    ]);
  });

  it("are ignored otherwise, and the session goes on", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    orchestrator.send(unknownEntry(false));
    expect(await orchestrator.untaken()).toEqual([]);
  });
});

describe("dispatches", () => {
  it("are refused at once when every slot is taken", async () => {
    const { served, gate } = await serve();
    const orchestrator = await served.connect();
    for (const _ of [1, 2]) orchestrator.dispatch("wait", {});
    const third = orchestrator.dispatch("wait", {});
    expect(await orchestrator.next("rejected")).toMatchObject({
      dispatchId: third,
      reason: RejectionReason.FULL,
      busyElsewhere: 0,
    });
    gate.succeed("execution-1/step/1/1");
    await orchestrator.next("succeeded");
    const fourth = orchestrator.dispatch("wait", {});
    await gate.started(fourth);
  });

  it("are refused when their capability is at its own limit, while others run", async () => {
    const { served, gate } = await serve({ maxConcurrency: 1 });
    const orchestrator = await served.connect();
    orchestrator.dispatch("wait", {});
    const second = orchestrator.dispatch("wait", {});
    expect(await orchestrator.next("rejected")).toMatchObject({ dispatchId: second });
    await gate.started(orchestrator.dispatch("other", {}));
  });

  it("are refused when the agent does not have the capability", async () => {
    const { served } = await serve();
    const orchestrator = await served.connect();
    orchestrator.dispatch("none", {});
    expect(await orchestrator.next("rejected")).toMatchObject({
      reason: RejectionReason.UNKNOWN_CAPABILITY,
    });
  });

  it("are refused when another orchestrator has claimed the shard with a higher epoch", async () => {
    const { served } = await serve();
    const old = await served.connect();
    await served.connect({ orchestratorId: "orchestrator-2", epoch: 2n });
    old.dispatch("wait", {});
    expect(await old.next("rejected")).toMatchObject({ reason: RejectionReason.FENCED });
    expect(await old.claim(0, 1n)).toMatchObject({ epoch: 2n, running: [], finished: [] });
  });

  it("run once when they come twice, and are answered twice", async () => {
    const { served, gate } = await serve();
    const orchestrator = await served.connect();
    const dispatchId = orchestrator.dispatch("wait", {});
    await orchestrator.next("accepted");
    orchestrator.dispatch("wait", {}, { dispatchId });
    expect(await orchestrator.next("accepted")).toMatchObject({ dispatchIds: [dispatchId] });
    gate.succeed(dispatchId, { n: 1 });
    const first = await orchestrator.next("succeeded");
    orchestrator.dispatch("wait", {}, { dispatchId });
    expect(await orchestrator.next("succeeded")).toEqual(first);
    expect(await orchestrator.untaken()).toEqual([]);
  });

  it("of another orchestrator show as load, gathered over 20 ms", async () => {
    const { served, gate } = await serve();
    const one = await served.connect();
    const two = await served.connect({ orchestratorId: "orchestrator-2", epoch: 2n });
    await one.claim(7, 1n);
    await gate.started(one.dispatch("wait", {}, { shard: 7 }));
    served.advance(19);
    expect(await two.untaken()).toEqual([]);
    served.advance(1);
    expect(await two.next("load")).toMatchObject({ slots: 2, busyElsewhere: 1, otherOrchestrators: 1 });
    expect(await one.next("load")).toMatchObject({ slots: 2, busyElsewhere: 0, otherOrchestrators: 1 });
    expect((await one.untaken()).map((entry) => entry.case)).toEqual(["accepted"]);
  });
});
