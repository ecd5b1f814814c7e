// An agent without the SDK: node agent.js REGISTRY [TOKEN]. It serves Execute and attaches to the registry.
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
const identity = { agent_id: `plain-${process.pid}`, incarnation: randomUUID(), name: "plain", version: "1" };

/** Runs one step. `request.idempotency_key` is the same over all its attempts: give it to what you write to. */
function execute({ request, metadata: caller }, answer) {
  const { INVALID_ARGUMENT, UNAUTHENTICATED } = grpc.status;
  if (token && caller.get("authorization")[0] !== `Bearer ${token}`) return answer({ code: UNAUTHENTICATED });
  const text = request.input?.structValue?.fields.text?.stringValue;
  if (text === undefined) return answer({ code: INVALID_ARGUMENT, details: "the input has no text" });
  answer(null, { output: { stringValue: text.toUpperCase() } });
}

/** Holds a place in the registry: registers, says every two seconds that it lives, begins anew when cut off. */
function attach(address) {
  const client = new weft.registry.v1.RegistryService(registry, grpc.credentials.createInsecure());
  const stream = client.Attach(metadata);
  const capabilities = [{ name: "text.shout" }];
  stream.write({ registration: { ...identity, address, capabilities, slots: 4, free_slots: 4 } });
  const beat = setInterval(() => stream.write({ heartbeat: { free_slots: 4 } }), 2_000);
  stream.on("data", () => {}).on("error", () => {});
  stream.on("status", () => clearInterval(beat) || client.close() || setTimeout(attach, 1_000, address));
}

const server = new grpc.Server();
server.addService(weft.agent.v1.AgentService.service, { Execute: execute });
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  attach(`127.0.0.1:${port}`);
});
