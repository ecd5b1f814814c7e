import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { AgentService, ExecuteResponseSchema } from "@weft/proto/weft/agent/v1/agent_pb";
import { AttachRequestSchema, RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import {
  allowAll,
  type ClientDuplex,
  Code,
  createChannel,
  createServer,
  implement,
  RpcError,
  sharedToken,
} from "@weft/runtime/grpc";

/**
 * An agent of the contract's unary half for the mesh tests: FOLDER REGISTRY TOKEN. It notes each run by its
 * idempotency key in the file `runs`; the first never ends, the others at once.
 */
const [folder = "", registry = "", token = ""] = process.argv.slice(2);
let runs = 0;

const server = createServer({
  implementations: [
    implement(AgentService, {
      session: (stream) => stream.fail(new RpcError(Code.UNIMPLEMENTED, "no sessions here")),
      execute: ({ idempotencyKey }) => {
        appendFileSync(join(folder, "runs"), `${idempotencyKey}\n`);
        return runs++ === 0 ? new Promise(() => {}) : Promise.resolve(create(ExecuteResponseSchema, {}));
      },
    }),
  ],
  authenticate: sharedToken(token, { kind: "service", name: "orchestrator" }),
  policy: allowAll,
  logger: { debug() {}, info() {}, warn() {}, error: console.error },
});
const address = `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
server.setServing(true);
attach();

function attach(): void {
  const channel = createChannel({ address: registry, token, exclusive: true });
  const stream = channel.client(RegistryService).attach() as ClientDuplex<unknown, unknown>;
  const say = (message: Parameters<typeof create<typeof AttachRequestSchema>>[1]): void =>
    void stream.write(create(AttachRequestSchema, message));
  const capabilities = [{ name: "test.hang" }];
  const value = { agentId: "unary", incarnation: String(process.pid), name: "unary", version: "1", address };
  say({ message: { case: "registration", value: { ...value, capabilities, slots: 2, freeSlots: 2 } } });
  const beat = setInterval(() => say({ message: { case: "heartbeat", value: { freeSlots: 2 } } }), 1_000);
  stream.onMessage(() => {});
  stream.onEnd(() => {
    clearInterval(beat);
    channel.close();
    setTimeout(attach, 100);
  });
}
