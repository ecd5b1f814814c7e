import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AgentEntrySchema,
  AgentService,
  type OrchestratorEntry,
  type SessionRequest,
  type SessionResponse,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { systemClock } from "@weft/runtime/clock";
import { Code, createServer, implement, RpcError, type ServerDuplex } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { allowAll, anybody } from "@weft/runtime/principal";
import { expect, it, onTestFinished } from "vitest";
import type { AgentSession, SessionListener } from "../app/agents.ts";
import { defaultExecutionLimits } from "../core/limits.ts";
import { agentSessions } from "./agent-sessions.ts";

type Entry = OrchestratorEntry["entry"];

/** An agent that answers the greeting by itself and the rest by the test's hand. */
async function serveAgent() {
  const heard: Entry[] = [];
  let waiting: (() => void) | undefined;
  let stream: ServerDuplex<SessionRequest, SessionResponse> | undefined;
  const say = (...entries: MessageInitShape<typeof AgentEntrySchema>["entry"][]): void =>
    void stream?.write({
      $typeName: "weft.agent.v1.SessionResponse",
      entries: entries.map((entry) => create(AgentEntrySchema, entry ? { entry } : {})),
    });
  const take = ({ entry }: OrchestratorEntry): void => {
    if (entry.case === "hello") say({ case: "welcome", value: { incarnation: "i1", slots: 2 } });
    else if (entry.case === "claim")
      say({ case: "inFlight", value: { shard: entry.value.shard, epoch: entry.value.epoch } });
    else if (entry.case !== "ping") heard.push(entry);
    waiting?.();
  };
  const session = (opened: ServerDuplex<SessionRequest, SessionResponse>): void => {
    stream = opened;
    opened.onMessage(({ entries }) => entries.forEach(take));
    opened.onEnd(() => opened.end());
  };
  const execute = (): never => {
    throw new RpcError(Code.UNIMPLEMENTED, "only sessions here");
  };
  const server = createServer({
    implementations: [implement(AgentService, { session, execute })],
    authenticate: anybody({ kind: "service", name: "orchestrator" }),
    policy: allowAll,
    logger: silentLogger,
  });
  const port = await server.listen("127.0.0.1:0");
  onTestFinished(() => server.stop(0));
  const entries = async (count: number): Promise<readonly Entry[]> => {
    while (heard.length < count) await new Promise<void>((resolve) => (waiting = resolve));
    return heard;
  };
  return { address: `127.0.0.1:${port}`, say, entries };
}

/** A connected session, and what it tells. */
async function connect(address: string) {
  const told: unknown[] = [];
  let waiting: (() => void) | undefined;
  const record =
    (name: string) =>
    (...given: readonly unknown[]): void => {
      told.push([name, ...given]);
      waiting?.();
    };
  const connected = Promise.withResolvers<void>();
  const listener: SessionListener = {
    believedInFlight: () => [],
    connected: () => connected.resolve(),
    disconnected: record("disconnected"),
    silenceChanged: record("silenceChanged"),
    succeeded: record("succeeded"),
    failed: record("failed"),
    deferred: record("deferred"),
    rejected: record("rejected"),
    progressed: record("progressed"),
    loadChanged: record("loadChanged"),
    draining: record("draining"),
  };
  const identity = { cluster: "c", orchestratorId: "o", shard: 3, epoch: 7n };
  const { payloadBytesMax } = defaultExecutionLimits;
  const options = {
    ...identity,
    payloadBytesMax,
    clock: systemClock,
    random: () => 0.5,
    logger: silentLogger,
  };
  const agent = { agentId: "a1", incarnation: "i1", address, slots: 2, capabilities: [], ready: true };
  const session: AgentSession = agentSessions(options).connect(agent, listener);
  onTestFinished(() => session.close());
  await connected.promise;
  const facts = async (count: number): Promise<readonly unknown[]> => {
    while (told.length < count) await new Promise<void>((resolve) => (waiting = resolve));
    return told;
  };
  return { session, facts };
}

it("moves deadlines behind the dispatch that they are about, under its shard and epoch", async () => {
  const agent = await serveAgent();
  const { session } = await connect(agent.address);
  const dispatch = { capability: "c", namespace: "n", workflow: "w", input: { text: "1" }, timeLeftMs: 500 };
  session.dispatch({ dispatchId: "e/s/1/1", ...dispatch });
  session.extend("e/s/1/1", 0);
  session.extend("e/t/1/1", 250);
  expect(await agent.entries(3)).toMatchObject([
    { case: "extend", value: { dispatchId: "e/t/1/1", timeLeftMs: 250n, shard: 3, epoch: 7n } },
    { case: "dispatch", value: { dispatchId: "e/s/1/1", timeLeftMs: 500n } },
    { case: "extend", value: { dispatchId: "e/s/1/1", timeLeftMs: 0n, shard: 3, epoch: 7n } },
  ]);
});

it("hears that an answer comes later, and acks it like a result", async () => {
  const agent = await serveAgent();
  const { session, facts } = await connect(agent.address);
  agent.say({ case: "later", value: { dispatchId: "e/s/1/1" } });
  expect(await facts(1)).toEqual([["deferred", "e/s/1/1"]]);
  session.ack("e/s/1/1");
  expect(await agent.entries(1)).toMatchObject([
    { case: "resultAck", value: { shard: 3, epoch: 7n, dispatchIds: ["e/s/1/1"] } },
  ]);
});

it("holds outputs to the default limit", async () => {
  const agent = await serveAgent();
  const { facts } = await connect(agent.address);
  const output = Buffer.from(`"${"x".repeat(1024 * 1024)}"`);
  agent.say({ case: "succeeded", value: { dispatchId: "e/s/1/1", output } });
  expect(await facts(1)).toMatchObject([["failed", "e/s/1/1", { reason: "PAYLOAD_TOO_LARGE" }]]);
});
