import { createRequire } from "node:module";
import { credentials, Client as GrpcClient, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "@weft/proto/grpc/health/v1/health_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { afterEach, describe, expect, it } from "vitest";
import { silentLogger } from "../logger.ts";
import { type Policy, sharedToken } from "../principal.ts";
import type { Client } from "./client.ts";
import { type Handlers, implementPart } from "./implementation.ts";
import { all, type Loopback, openLoopback } from "./loopback.ts";
import { MessageTooLarge, messageBytesMax } from "./message-limit.ts";
import { Code, type ErrorDetails, RpcError } from "./status.ts";

let loopback: Loopback | undefined;
afterEach(() => loopback?.close());

const alice = { kind: "service", name: "alice" } as const;

describe("who may call", () => {
  it.each([
    ["no token", {}],
    ["a wrong token", { token: "wrong" }],
  ])("is refused with %s, by every kind of method", async (_, options) => {
    loopback = await openLoopback({}, { authenticate: sharedToken("right", alice) });
    const client = loopback.connect(options).client(RegistryService);
    const refused = { code: Code.UNAUTHENTICATED, details: { reason: "UNAUTHENTICATED" } };
    await expect(client.listAgents({})).rejects.toMatchObject(refused);
    await expect(all(client.watchAgents({}))).rejects.toMatchObject(refused);
    const call = client.attach();
    expect(await new Promise((resolve) => call.onEnd(resolve))).toMatchObject(refused);
  });

  it("is known to the handler by the token", async () => {
    loopback = await openLoopback(
      { listAgents: (_, { principal }) => ({ nextPageToken: principal.name }) },
      { authenticate: sharedToken("right", alice) },
    );
    const client = loopback.connect({ token: "right" }).client(RegistryService);
    expect((await client.listAgents({})).nextPageToken).toBe("alice");
  });

  it("is asked of the policy, by principal, method and namespace", async () => {
    const asked: unknown[] = [];
    const policy: Policy = {
      may: (principal, action, resource) => {
        asked.push([principal.name, action, resource.namespace]);
        return false;
      },
    };
    loopback = await openLoopback({}, { policy, authenticate: sharedToken("right", alice) });
    const client = loopback.connect({ token: "right" }).client(RegistryService);
    await expect(client.listAgents({})).rejects.toMatchObject({
      code: Code.PERMISSION_DENIED,
      message: "alice may not call weft.registry.v1.RegistryService/ListAgents in namespace default",
    });
    expect(asked).toEqual([["alice", "weft.registry.v1.RegistryService/ListAgents", "default"]]);
  });
});

describe("an error", () => {
  const details: ErrorDetails = {
    reason: "QUEUE_FULL",
    metadata: { limit: "10" },
    violations: [{ field: "steps[2].dependsOn[0]", description: "no such step" }],
    preconditions: [{ field: "execution", description: "must be running" }],
    retryAfterMs: 1_250,
  };

  it("arrives with its code, its message and its details", async () => {
    const message = "50 % of naïve “quotes”\nsurvive";
    loopback = await openLoopback({
      listAgents: () => {
        throw new RpcError(Code.RESOURCE_EXHAUSTED, message, details);
      },
    });
    const call = loopback.client.listAgents({});
    await expect(call).rejects.toMatchObject({ code: Code.RESOURCE_EXHAUSTED, message, details });
  });

  it("arrives even when its message ends in half a character", async () => {
    loopback = await openLoopback({
      listAgents: () => {
        throw new RpcError(Code.INVALID_ARGUMENT, "cut \ud83d");
      },
    });
    const call = loopback.client.listAgents({});
    await expect(call).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT, message: "cut \ufffd" });
  });

  it("with more mistakes than a trailer holds tells the first ones and counts the rest", async () => {
    const violations = Array.from({ length: 5_000 }, (_, n) => ({
      field: `steps[${n}].capability`,
      description: "must be a name of 1 to 63 characters: a-z, 0-9, - and .",
    }));
    loopback = await openLoopback({
      listAgents: () => {
        throw new RpcError(Code.INVALID_ARGUMENT, `${"é".repeat(5_000)}`, { violations, reason: "BAD" });
      },
    });
    const error = await loopback.client.listAgents({}).catch((thrown: RpcError) => thrown);
    if (!(error instanceof RpcError)) throw new Error("the call went well");
    expect(error).toMatchObject({ code: Code.INVALID_ARGUMENT, details: { reason: "BAD" } });
    const told = error.details.violations ?? [];
    expect(told.length).toBeGreaterThan(20);
    expect(told.slice(0, -1)).toEqual(violations.slice(0, told.length - 1));
    expect(told.at(-1)).toEqual({ field: "", description: `and ${5_001 - told.length} more` });
  });
});

type Sample = typeof RegistryService;
type Bug = [
  name: string,
  handlers: Partial<Handlers<Sample>>,
  call: (client: Client<Sample>) => Promise<unknown>,
];

const secret = new Error("the password is hunter2");
const bug = (): never => {
  throw secret;
};

const bugs: Bug[] = [
  ["thrown by a unary method", { listAgents: bug }, (client) => client.listAgents({})],
  [
    "rejected by a unary method",
    { listAgents: () => Promise.reject(secret) },
    (client) => client.listAgents({}),
  ],
  ["thrown by a stream", { watchAgents: bug }, (client) => all(client.watchAgents({}))],
  ["thrown on a message", { attach: (stream) => stream.onMessage(bug) }, writeAndEnd],
  ["thrown at an end", { attach: (stream) => stream.onMessage(() => {}) ?? stream.onEnd(bug) }, writeAndEnd],
  [
    "sending what can't be sent",
    { listAgents: () => ({ agents: [{ slots: 1.5 }] }) },
    (client) => client.listAgents({}),
  ],
];

function writeAndEnd(client: Client<Sample>): Promise<void> {
  const call = client.attach();
  call.onMessage(() => {});
  call.write({ message: { case: "heartbeat", value: {} } });
  call.end();
  return new Promise((resolve, reject) => call.onEnd((error) => (error ? reject(error) : resolve())));
}

describe("a method without a handler", () => {
  it.each([
    ["unary", (client: Client<typeof RegistryService>) => client.listAgents({})],
    ["streaming", (client: Client<typeof RegistryService>) => all(client.watchAgents({}))],
  ])("answers UNIMPLEMENTED when it is %s", async (_, call) => {
    loopback = await openLoopback({});
    await expect(call(loopback.client)).rejects.toMatchObject({
      code: Code.UNIMPLEMENTED,
      message: expect.stringMatching(/^weft\.registry\.v1\.RegistryService\/\w+ is not served here$/),
      details: { reason: "UNIMPLEMENTED" },
    });
  });
});

describe("a bug in a handler", () => {
  it.each(bugs)("shows the log the cause, and the caller nothing: %s", async (_, handlers, call) => {
    const logged: unknown[] = [];
    const logger = { ...silentLogger, error: (fields: object) => void logged.push(fields) };
    loopback = await openLoopback(handlers, { logger });
    const error: unknown = await call(loopback.client).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: Code.INTERNAL });
    expect(String(error)).not.toMatch(/hunter2|1\.5/);
    expect(logged).toMatchObject([{ err: expect.any(Error) }]);
  });
});

describe("an answer that is too large for a message", () => {
  const answers: Partial<Handlers<Sample>> = {
    listAgents: ({ pageToken }) => ({ nextPageToken: "x".repeat(Number(pageToken)) }),
  };
  // A field's number and its length take five bytes of it.
  const fits = messageBytesMax - 5;

  it("is refused with its size and the limit; one that just fits is not", async () => {
    loopback = await openLoopback(answers);
    const { nextPageToken } = await loopback.client.listAgents({ pageToken: String(fits) });
    expect(nextPageToken).toHaveLength(fits);
    await expect(loopback.client.listAgents({ pageToken: String(fits + 1) })).rejects.toMatchObject({
      code: Code.RESOURCE_EXHAUSTED,
      message: "the answer has 16777217 bytes; the limit of a message is 16777216",
      details: { reason: "MESSAGE_TOO_LARGE" },
    });
  });

  it("is refused as the service says, when it says something", async () => {
    const errorOf = (error: unknown) =>
      error instanceof MessageTooLarge ? new RpcError(Code.ABORTED, `${error.bytes} bytes`) : undefined;
    const implementations = [implementPart(RegistryService, answers, errorOf)];
    loopback = await openLoopback({}, { implementations });
    await expect(loopback.client.listAgents({ pageToken: String(fits + 1) })).rejects.toMatchObject({
      code: Code.ABORTED,
      message: "16777217 bytes",
    });
  });
});

describe("an error that a service knows", () => {
  it.each([bugs[0]!, bugs[1]!, bugs[2]!])("is told as the service says: %s", async (_, handlers, call) => {
    const errorOf = (error: unknown) => (error === secret ? new RpcError(Code.ABORTED, "again") : undefined);
    loopback = await openLoopback(
      {},
      { implementations: [implementPart(RegistryService, handlers, errorOf)] },
    );
    await expect(call(loopback.client)).rejects.toMatchObject({ code: Code.ABORTED, message: "again" });
  });
});

describe("grpc.health.v1", () => {
  it("says whether the server serves, as a whole and by service, to anybody", async () => {
    loopback = await openLoopback({}, { authenticate: () => undefined });
    const health = loopback.connect().client(Health);
    const services = ["", "weft.registry.v1.RegistryService"];
    const ask = () => Promise.all(services.map(async (service) => (await health.check({ service })).status));
    expect(await ask()).toEqual([Serving.NOT_SERVING, Serving.NOT_SERVING]);
    loopback.server.setServing(true);
    expect(await ask()).toEqual([Serving.SERVING, Serving.SERVING]);
    await expect(health.check({ service: "other" })).rejects.toMatchObject({ code: Code.NOT_FOUND });
  });
});

describe("reflection", () => {
  it("lists the services and describes them to anybody", async () => {
    loopback = await openLoopback({}, { authenticate: () => undefined });
    const proto = "@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto";
    const definition = loadSync(createRequire(import.meta.url).resolve(proto));
    const reflection = definition["grpc.reflection.v1.ServerReflection"] as ServiceDefinition;
    const { path, requestSerialize, responseDeserialize } = reflection["ServerReflectionInfo"]!;
    const client = new GrpcClient(loopback.address, credentials.createInsecure());
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    call.write({ listServices: "" });
    call.write({ fileContainingSymbol: "weft.registry.v1.RegistryService" });
    call.end();
    const [listed, described] = await all(call as AsyncIterable<unknown>);
    client.close();
    const services = ["grpc.health.v1.Health", "weft.registry.v1.RegistryService"];
    const service = services.map((name) => expect.objectContaining({ name }));
    expect(listed).toMatchObject({ listServicesResponse: { service: expect.arrayContaining(service) } });
    expect(described).toMatchObject({
      fileDescriptorResponse: { fileDescriptorProto: expect.arrayContaining([expect.any(Buffer)]) },
    });
  });
});
