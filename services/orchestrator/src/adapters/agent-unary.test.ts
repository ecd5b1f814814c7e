import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import {
  AgentService,
  type ExecuteRequest,
  ExecuteResponseSchema,
  type SessionRequest,
  type SessionResponse,
} from "@weft/proto/weft/agent/v1/agent_pb";
import {
  Code,
  createServer,
  type ErrorDetails,
  implement,
  RpcError,
  type ServerDuplex,
  StepClock,
  type UnaryContext,
} from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { allowAll, anybody } from "@weft/runtime/principal";
import { expect, it, onTestFinished } from "vitest";
import type { SessionListener } from "../app/agents.ts";
import { jsonText } from "../core/json.ts";
import { agentConnector } from "./agent-connector.ts";

type Call = { readonly request: ExecuteRequest; readonly answer: PromiseWithResolvers<JsonValue> };
type Stream = ServerDuplex<SessionRequest, SessionResponse>;

/** What has happened, and how to wait for it. */
function inbox<T>() {
  const all: T[] = [];
  let waiting = (): void => {};
  return {
    all,
    add: (item: T): void => {
      all.push(item);
      waiting();
    },
    first: async (count: number): Promise<readonly T[]> => {
      while (all.length < count)
        await new Promise<void>((resolve) => {
          waiting = resolve;
        });
      return all;
    },
  };
}

/** An agent of the contract's unary half: Execute is answered by the test's hand, and Session refused. */
async function serveAgent(address = "127.0.0.1:0") {
  const calls = inbox<Call>();
  const frozen: Stream[] = [];
  const state = { isFrozen: false, pings: 0, aborted: inbox<string>() };
  const session = (stream: Stream): void => {
    state.pings++;
    if (state.isFrozen) frozen.push(stream);
    else refuse(stream);
  };
  const execute = async (request: ExecuteRequest, { onClose }: Pick<UnaryContext, "onClose">) => {
    const answer = Promise.withResolvers<JsonValue>();
    let isAnswered = false;
    onClose(() => isAnswered || state.aborted.add(request.dispatchId));
    calls.add({ request, answer });
    const output = await answer.promise.finally(() => {
      isAnswered = true;
    });
    return create(ExecuteResponseSchema, { output: fromJson(ValueSchema, output) });
  };
  const server = createServer({
    implementations: [implement(AgentService, { session, execute })],
    authenticate: anybody({ kind: "service", name: "orchestrator" }),
    policy: allowAll,
    logger: silentLogger,
  });
  const port = await server.listen(address);
  onTestFinished(() => server.stop(0));
  const thaw = (): void => {
    state.isFrozen = false;
    for (const stream of frozen.splice(0)) refuse(stream);
  };
  return { address: `127.0.0.1:${port}`, calls, state, thaw, kill: () => server.stop(0) };
}

function refuse(stream: Stream): void {
  stream.fail(new RpcError(Code.UNIMPLEMENTED, "no sessions here"));
}

/** The orchestrator's end; `believed` is what its log has at the agent. */
async function connect(address: string, { believed = [] as string[], payloadBytesMax = 1_000 } = {}) {
  const clock = new StepClock();
  const told = inbox<readonly unknown[]>();
  const record =
    (name: string) =>
    (...given: readonly unknown[]): void =>
      told.add([name, ...given]);
  const listener = Object.fromEntries(
    "connected disconnected silenceChanged succeeded failed rejected"
      .split(" ")
      .map((name) => [name, record(name)]),
  ) as unknown as SessionListener;
  const identity = { cluster: "c", orchestratorId: "o", shard: 3, epoch: 7n };
  const options = { ...identity, payloadBytesMax, clock, random: () => 0.5, logger: silentLogger };
  const agent = { agentId: "a1", incarnation: "i1", address, slots: 2, capabilities: [], ready: true };
  const session = agentConnector(options).connect(agent, { ...listener, believedInFlight: () => believed });
  onTestFinished(() => session.close());
  const dispatch = (dispatchId: string, input = "1"): boolean => {
    const step = { dispatchId, capability: "c", namespace: "n", workflow: "w" };
    return session.dispatch({ ...step, input: jsonText(input), timeLeftMs: 500 });
  };
  await told.first(1);
  return { session, clock, told, dispatch, believed };
}

const welcome = {
  incarnation: "i1",
  slots: 2,
  busyElsewhere: 0,
  otherOrchestrators: 0,
  running: new Set(),
  finished: new Set(),
};

it("runs steps of an agent that refuses sessions, as calls", async () => {
  const agent = await serveAgent();
  const { told, dispatch } = await connect(agent.address);
  expect(told.all).toEqual([["connected", welcome]]);
  expect(dispatch("e/s/2/1", '{"n": [1, "ä"]}')).toBe(true);
  const [call] = await agent.calls.first(1);
  expect(call?.request).toMatchObject({
    dispatchId: "e/s/2/1",
    idempotencyKey: "e/s",
    capability: "c",
    namespace: "n",
    workflow: "w",
  });
  expect(toJson(ValueSchema, call!.request.input!)).toEqual({ n: [1, "ä"] });
  call!.answer.resolve({ done: true });
  expect((await told.first(2))[1]).toEqual(["succeeded", "e/s/2/1", { text: '{"done":true}' }]);
});

it.each<[string, Code, ErrorDetails, readonly unknown[]]>([
  [
    "its code and reason",
    Code.FAILED_PRECONDITION,
    { reason: "CLOSED" },
    ["failed", "e/s/1/1", { code: "FAILED_PRECONDITION", message: "no", reason: "CLOSED" }],
  ],
  [
    "whether and when to try again",
    Code.UNAVAILABLE,
    { reason: "BUSY", retryAfterMs: 1_500, metadata: { retryable: "false" } },
    [
      "failed",
      "e/s/1/1",
      { code: "UNAVAILABLE", message: "no", reason: "BUSY", retryAfterMs: 1_500, retryable: false },
    ],
  ],
  [
    "a refusal of the SDK",
    Code.RESOURCE_EXHAUSTED,
    { reason: "FULL" },
    ["rejected", "e/s/1/1", { reason: "FULL", busyElsewhere: 0 }],
  ],
  [
    "that it has no Execute either",
    Code.UNIMPLEMENTED,
    {},
    ["rejected", "e/s/1/1", { reason: "UNKNOWN_CAPABILITY", busyElsewhere: 0 }],
  ],
])("tells of a call that fails %s", async (_, code, details, fact) => {
  const agent = await serveAgent();
  const { told, dispatch } = await connect(agent.address);
  dispatch("e/s/1/1");
  (await agent.calls.first(1))[0]!.answer.reject(new RpcError(code, "no", details));
  expect((await told.first(2))[1]).toEqual(fact);
});

it("holds outputs to the limit", async () => {
  const agent = await serveAgent();
  const { told, dispatch } = await connect(agent.address);
  dispatch("e/s/1/1");
  (await agent.calls.first(1))[0]!.answer.resolve("x".repeat(1_000));
  expect((await told.first(2))[1]).toMatchObject(["failed", "e/s/1/1", { reason: "PAYLOAD_TOO_LARGE" }]);
});

it("cancels a step by ending its call", async () => {
  const agent = await serveAgent();
  const { session, told, dispatch } = await connect(agent.address);
  dispatch("e/s/1/1");
  await agent.calls.first(1);
  session.cancel("e/s/1/1", "enough");
  expect(await agent.state.aborted.first(1)).toEqual(["e/s/1/1"]);
  expect((await told.first(2))[1]).toMatchObject(["failed", "e/s/1/1", { code: "CANCELLED" }]);
});

it("reports steps whose call broke as lost, and never as not arrived, when the agent is there again", async () => {
  const agent = await serveAgent();
  const { clock, told, dispatch, believed } = await connect(agent.address);
  dispatch("e/s/1/1");
  believed.push("e/s/1/1");
  await agent.calls.first(1);
  await agent.kill();
  expect((await told.first(2))[1]).toEqual(["disconnected"]);
  expect(dispatch("e/t/1/1")).toBe(false);
  await serveAgent(agent.address);
  while (told.all.length < 4) {
    clock.advance(2_000);
    await new Promise(setImmediate);
  }
  expect(told.all.slice(2)).toEqual([
    ["connected", { ...welcome, incarnation: "i1, calls broken" }],
    ["connected", welcome],
  ]);
});

it("reports what an earlier orchestrator called as lost", async () => {
  const agent = await serveAgent();
  const { told } = await connect(agent.address, { believed: ["e/s/1/1"] });
  await told.first(2);
  expect(told.all).toMatchObject([
    ["connected", { incarnation: "i1, calls broken" }],
    ["connected", { incarnation: "i1" }],
  ]);
});

it("takes a call that breaks without a reason for a lost agent", async () => {
  const agent = await serveAgent();
  const { told, dispatch } = await connect(agent.address);
  dispatch("e/s/1/1");
  (await agent.calls.first(1))[0]!.answer.reject(new RpcError(Code.UNAVAILABLE, "gone"));
  expect((await told.first(2))[1]).toEqual(["disconnected"]);
});

it("tries no session again, and says nothing while each second's question is answered", async () => {
  const agent = await serveAgent();
  const { clock, told, dispatch } = await connect(agent.address);
  const asked = agent.state.pings;
  clock.advance(999);
  for (const [index, id] of ["e/s/1/1", "e/t/1/1"].entries()) {
    dispatch(id);
    await agent.calls.first(index + 1);
  }
  expect(agent.state.pings).toBe(asked);
  clock.advance(1);
  while (agent.state.pings === asked) await new Promise(setImmediate);
  agent.calls.all[0]!.answer.resolve(null);
  expect((await told.first(2)).slice(1)).toEqual([["succeeded", "e/s/1/1", { text: "null" }]]);
});

it("asks each second whether the agent lives, and calls it silent after three without an answer", async () => {
  const agent = await serveAgent();
  const { clock, told } = await connect(agent.address);
  const { pings } = agent.state;
  agent.state.isFrozen = true;
  clock.advance(1_000);
  while (agent.state.pings === pings) await new Promise(setImmediate);
  clock.advance(2_999);
  expect(told.all).toHaveLength(1);
  clock.advance(1);
  expect(told.all[1]).toEqual(["silenceChanged", true]);
  agent.thaw();
  expect((await told.first(3))[2]).toEqual(["silenceChanged", false]);
});

it("is silent once closed, and ends its calls", async () => {
  const agent = await serveAgent();
  const { session, told, dispatch } = await connect(agent.address);
  dispatch("e/s/1/1");
  await agent.calls.first(1);
  session.close();
  expect(await agent.state.aborted.first(1)).toEqual(["e/s/1/1"]);
  expect([dispatch("e/t/1/1"), told.all.length]).toEqual([false, 1]);
});
