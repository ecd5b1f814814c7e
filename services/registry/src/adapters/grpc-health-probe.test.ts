import { createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { AgentService } from "@weft/proto/weft/agent/v1/agent_pb";
import { allowAll, anybody, createServer, type Implementation, implementPart } from "@weft/runtime/grpc";
import { silentLogger } from "@weft/runtime/logger";
import { describe, expect, it, onTestFinished } from "vitest";
import { grpcHealthProbe } from "./grpc-health-probe.ts";

function ask(address: string, timeoutMs = 10_000): Promise<string | undefined> {
  const target = grpcHealthProbe.open(address);
  onTestFinished(() => target.close());
  return new Promise((resolve) => target.check(timeoutMs, resolve));
}

async function serve(implementation: Implementation) {
  const server = createServer({
    implementations: [implementation],
    authenticate: anybody({ kind: "service", name: "registry" }),
    policy: allowAll,
    logger: silentLogger,
  });
  const address = `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  onTestFinished(() => server.stop(0));
  return { server, address };
}

describe("a health probe", () => {
  it("is content with an agent that serves, and says so of one that does not", async () => {
    const { server, address } = await serve(implementPart(AgentService, {}));
    server.setServing(true);
    expect(await ask(address)).toBeUndefined();
    server.setServing(false);
    expect(await ask(address)).toBe("it says that it does not serve (status 2)");
  });

  it("asks the same agent as often as it is told to", async () => {
    const { server, address } = await serve(implementPart(AgentService, {}));
    const target = grpcHealthProbe.open(address);
    onTestFinished(() => target.close());
    const answers: (string | undefined)[] = [];
    for (const serving of [true, false, true]) {
      server.setServing(serving);
      answers.push(await new Promise((resolve) => target.check(10_000, resolve)));
    }
    expect(answers.map((problem) => problem === undefined)).toEqual([true, false, true]);
  });

  it("says that nobody listens there", async () => {
    expect(await ask("127.0.0.1:1")).toMatch(/ECONNREFUSED|No connection established/);
  });

  it("gives up on an agent that takes the connection and answers nothing", async () => {
    const frozen = createTcpServer(() => {});
    await new Promise<void>((resolve) => frozen.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void frozen.close());
    const { port } = frozen.address() as AddressInfo;
    expect(await ask(`127.0.0.1:${port}`, 50)).toMatch(/Deadline exceeded/i);
  });

  it("takes an answer for a sign of life, even from an agent that does not know the question", async () => {
    const plain = createHttp2Server();
    plain.on("stream", (stream) => {
      const unimplemented = { ":status": 200, "content-type": "application/grpc", "grpc-status": "12" };
      stream.respond(unimplemented, { endStream: true });
    });
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void plain.close());
    const { port } = plain.address() as AddressInfo;
    expect(await ask(`127.0.0.1:${port}`)).toBeUndefined();
  });
});
