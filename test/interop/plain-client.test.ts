import { join } from "node:path";
import { promisify } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Client, credentials, type GrpcObject, loadPackageDefinition, Metadata } from "@grpc/grpc-js";
import {
  loadFileDescriptorSetFromBuffer,
  loadSync,
  type Options,
  type PackageDefinition,
} from "@grpc/proto-loader";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../harness/folder.ts";
import { startProcess } from "../harness/process.ts";
import { startWeftDev, type WeftDev } from "../harness/weft-dev.ts";

const root = join(import.meta.dirname, "../..");
const options: Options = { keepCase: true, longs: Number, enums: String, oneofs: true, defaults: true };

const document = `
workflow: echo-twice
version: 1
steps:
  - { id: one, capability: test.echo, with: { text: "\${input.text}" } }
  - { id: two, capability: test.echo, with: "\${steps.one.output}" }
output: "\${steps.two.output.text}"
`;

type Call = (
  request: unknown,
  metadata: Metadata,
  done: (error: Error | null, answer: Answer) => void,
) => void;
type Answer = { readonly [field: string]: unknown };
type Stream = NodeJS.EventEmitter & AsyncIterable<Answer>;

async function meshWithAgent(): Promise<WeftDev> {
  const folder = temporaryFolder();
  const dev = await startWeftDev(folder);
  onTestFinished(() => dev.close());
  const agent = startProcess("test/mesh/agents/recorder.ts", [folder, "agent-1"], { cwd: folder });
  onTestFinished(() => agent.end());
  return dev;
}

function clientOf(definition: PackageDefinition, service: string, address: string): Client {
  const found = service
    .split(".")
    .reduce<unknown>((at, name) => (at as GrpcObject)[name], loadPackageDefinition(definition));
  const client = new (
    found as new (
      address: string,
      secret: ReturnType<typeof credentials.createInsecure>,
    ) => Client
  )(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  return client;
}

function method<T>(client: Client, name: string): T {
  return (client[name as keyof Client] as (...args: unknown[]) => unknown).bind(client) as T;
}

function bearer(token: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

/** Starts the workflow and follows it to its end, as any client of the contract would. */
async function startAndWatch(
  client: Client,
  token: string,
): Promise<{ readonly story: string[]; readonly output: unknown }> {
  const start = promisify(method<Call>(client, "StartExecution"));
  const { execution_id: id } = (await start(
    { source: { document }, input: { data: Buffer.from('{"text": "grüezi"}') } },
    bearer(token),
  )) as Answer;
  const watch = method<(request: unknown, metadata: Metadata) => Stream>(client, "WatchExecution");
  const events: { event: string; execution_succeeded?: { output: { data: Buffer } } }[] = [];
  for await (const message of watch({ execution_id: id, payloads: "PAYLOAD_FORM_DATA" }, bearer(token)))
    events.push(...(message.events as typeof events));
  return {
    // Queued at first, if no agent was there yet.
    story: events.map(({ event }) => event).filter((kind) => kind !== "step_queued"),
    output: events.at(-1)?.execution_succeeded?.output.data.toString(),
  };
}

function fromDescriptors(files: readonly Buffer[]): PackageDefinition {
  const set = create(FileDescriptorSetSchema, {
    file: files.map((file) => fromBinary(FileDescriptorProtoSchema, file)),
  });
  return loadFileDescriptorSetFromBuffer(Buffer.from(toBinary(FileDescriptorSetSchema, set)), options);
}

const story = [
  "execution_started",
  "step_started",
  "step_succeeded",
  "step_started",
  "step_succeeded",
  "execution_succeeded",
];

test("a client built from the .proto files alone starts and watches an execution", async () => {
  const { file } = await meshWithAgent();
  const definition = loadSync("weft/orchestrator/v1/orchestrator.proto", {
    ...options,
    includeDirs: [join(root, "proto"), join(root, "proto/third_party")],
  });
  const client = clientOf(definition, "weft.orchestrator.v1.OrchestratorService", file.orchestrator);
  expect(await startAndWatch(client, file.token)).toEqual({ story, output: '"grüezi"' });
}, 60_000);

test("a client that knows nothing but reflection lists the services and calls one", async () => {
  const { file } = await meshWithAgent();
  const reflection = join(
    root,
    "node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto",
  );
  const reflector = clientOf(
    loadSync(reflection, options),
    "grpc.reflection.v1.ServerReflection",
    file.orchestrator,
  );
  const ask = async (question: Answer): Promise<Answer> => {
    type Duplex = Stream & { write(message: unknown): void; end(): void };
    const stream = method<() => Duplex>(reflector, "ServerReflectionInfo")();
    stream.write(question);
    stream.end();
    const answers: Answer[] = [];
    for await (const answer of stream) answers.push(answer);
    return answers[0]!;
  };
  const listed = (await ask({ list_services: "" })).list_services_response as { service: { name: string }[] };
  expect(listed.service.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["weft.orchestrator.v1.OrchestratorService", "grpc.health.v1.Health"]),
  );
  const described = (await ask({ file_containing_symbol: "weft.orchestrator.v1.OrchestratorService" }))
    .file_descriptor_response as { file_descriptor_proto: Buffer[] };
  const client = clientOf(
    fromDescriptors(described.file_descriptor_proto),
    "weft.orchestrator.v1.OrchestratorService",
    file.orchestrator,
  );
  expect(await startAndWatch(client, file.token)).toEqual({ story, output: '"grüezi"' });
}, 60_000);
