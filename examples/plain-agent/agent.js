// An agent without the SDK: node agent.js REGISTRY [TOKEN]. It serves Execute and keeps itself registered.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [registry, token = ""] = process.argv.slice(2);
const files = ["weft/agent/v1/agent.proto", "weft/registry/v1/registry.proto"];
const includeDirs = ["proto", "proto/third_party"].map((path) => join(import.meta.dirname, "../..", path));
const { weft } = grpc.loadPackageDefinition(loadSync(files, { includeDirs, keepCase: true }));
const metadata = new grpc.Metadata();
metadata.set("authorization", `Bearer ${token}`);
const offer = { capabilities: [{ name: "text.shout" }], slots: 4, free_slots: 4 };
const agent = { agent_id: `plain-${process.pid}`, incarnation: randomUUID(), name: "plain", ...offer };

/** Runs one step. `request.idempotency_key` is the same over all its attempts: give it to what you write to. */
function execute({ request, metadata: caller }, answer) {
  const { INVALID_ARGUMENT, UNAUTHENTICATED } = grpc.status;
  if (token && caller.get("authorization")[0] !== `Bearer ${token}`) return answer({ code: UNAUTHENTICATED });
  const text = request.input?.structValue?.fields.text?.stringValue;
  if (text === undefined) return answer({ code: INVALID_ARGUMENT, details: "the input has no text" });
  answer(null, { output: { stringValue: text.toUpperCase() } });
}

const options = { "grpc.max_reconnect_backoff_ms": 2_000 };
const client = new weft.registry.v1.RegistryService(registry, grpc.credentials.createInsecure(), options);
const call = (name, body, then) => client[name](body, metadata, { deadline: Date.now() + 2_000 }, then);

const server = new grpc.Server();
server.addService(weft.agent.v1.AgentService.service, { Execute: execute });
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (failed, port) => {
  if (failed) throw failed;
  const registration = { ...agent, address: `127.0.0.1:${port}` };
  const register = () => call("Register", { registration }, (error) => error && console.error(error.message));
  const beat = { ...agent, heartbeat: { free_slots: 4 } };
  // Three times a lease at least; a registry that knows nothing of it, or was away, is told anew.
  setInterval(() => call("Heartbeat", beat, (error) => error && register()), 2_000);
  process.once("SIGTERM", () => call("Deregister", agent, () => process.exit()));
  register();
});
