import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  RegistryService,
  AgentState as State,
  type WatchAgentsRequest,
  type WatchAgentsResponseSchema,
} from "@weft/proto/weft/registry/v1/registry_pb";
import { allowAll, anybody, Code, createServer, implementPart, RpcError } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { agentDirectory } from "./agent-directory.ts";

type Message = MessageInitShape<typeof WatchAgentsResponseSchema>;

/** A registry whose watches a test plays by hand, and a directory that follows it. */
async function follow() {
  const opened = pipe<{ request: WatchAgentsRequest; write(message: Message): void; cut(): void }>();
  const heard = pipe<string>();
  const server = createServer({
    implementations: [
      implementPart(RegistryService, {
        watchAgents: (request, stream) =>
          opened.put({
            request,
            write: (message) => void stream.write(message),
            cut: () => stream.fail(new RpcError(Code.UNAVAILABLE, "cut")),
          }),
      }),
    ],
    authenticate: anybody({ kind: "service", name: "orchestrator" }),
    policy: allowAll,
    logger: silentLogger,
  });
  const address = `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  const clock = new StepClock();
  const lost = pipe<string>();
  const logger = { ...silentLogger, warn: (_: object, message: string) => lost.put(message) };
  const stop = agentDirectory({ address, clock, random: () => 0, logger }).watch({
    changed: ({ agentId, ready }) => heard.put(`${agentId} ${ready ? "ready" : "not ready"}`),
    gone: (agentId) => heard.put(`${agentId} gone`),
  });
  onTestFinished(async () => {
    stop();
    await server.stop(0);
  });
  return { opened, heard, lost, clock };
}

function pipe<T>() {
  const arrived: T[] = [];
  let wake = (): void => {};
  return {
    put(value: T): void {
      arrived.push(value);
      wake();
    },
    async take(): Promise<T> {
      while (arrived.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return arrived.shift() as T;
    },
  };
}

const position = (registryIncarnation: string, revision: bigint) => ({ registryIncarnation, revision });
const agent = (agentId: string, state: State = State.READY) => ({ agentId, state });

describe("the directory of agents", () => {
  it("goes on where its watch was cut, and drops nobody for it", async () => {
    const { opened, heard, lost, clock } = await follow();
    const first = await opened.take();
    expect(first.request.after).toBeUndefined();
    first.write({ ...position("r1", 2n), snapshot: true, agents: [agent("a"), agent("b")] });
    expect([await heard.take(), await heard.take()]).toEqual(["a ready", "b ready"]);
    first.cut();
    expect(await lost.take()).toMatch(/registry lost/);
    clock.advance(2_000);
    const second = await opened.take();
    expect(second.request.after).toMatchObject(position("r1", 2n));
    second.write({ ...position("r1", 3n), agents: [agent("a", State.UNHEALTHY)] });
    expect(await heard.take()).toBe("a not ready");
  });

  it("drops who is missing from a new registry only when that one no longer warms up", async () => {
    const { opened, heard, lost, clock } = await follow();
    const first = await opened.take();
    first.write({ ...position("r1", 2n), snapshot: true, agents: [agent("a"), agent("b")] });
    expect([await heard.take(), await heard.take()]).toEqual(["a ready", "b ready"]);
    first.cut();
    await lost.take();
    clock.advance(2_000);
    const second = await opened.take();
    second.write({ ...position("r2", 0n), snapshot: true, warming: true });
    second.write({ ...position("r2", 1n), warming: true, agents: [agent("b")] });
    expect(await heard.take()).toBe("b ready");
    second.write(position("r2", 1n));
    expect(await heard.take()).toBe("a gone");
  });
});
