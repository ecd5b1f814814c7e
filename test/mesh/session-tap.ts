import { fromBinary } from "@bufbuild/protobuf";
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import {
  type AgentEntry,
  type OrchestratorEntry,
  SessionRequestSchema,
  SessionResponseSchema,
} from "@weft/proto/weft/agent/v1/agent_pb";

/** A frame as it passed. */
export type Frame =
  | { readonly from: "orchestrator"; readonly bytes: number; readonly entries: OrchestratorEntry["entry"][] }
  | { readonly from: "agent"; readonly bytes: number; readonly entries: AgentEntry["entry"][] };

/** Stands between an orchestrator and an agent, and notes every frame that passes, in order. */
export type SessionTap = {
  /** Where orchestrators find it: to be advertised by the agent. */
  readonly address: string;
  readonly frames: readonly Frame[];
  /** Sessions that were opened. */
  readonly sessions: () => number;
  close(): void;
};

const path = "/weft.agent.v1.AgentService/Session";
const asIs = (message: Buffer): Buffer => message;
const service: ServiceDefinition = {
  session: {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
};

type Downstream = ServerDuplexStream<Buffer, Buffer>;
type Upstream = ClientDuplexStream<Buffer, Buffer>;

/** Like pipe, which grpc-js's types do not fit. */
function pass(from: Downstream | Upstream, to: Downstream | Upstream): void {
  from.on("data", (message: Buffer) => {
    if (!to.write(message)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
}

/** `agentAddress` is where the agent listens. Plain grpc-js, which knows nothing of what passes. */
export async function tapSession(agentAddress: string): Promise<SessionTap> {
  const frames: Frame[] = [];
  let sessions = 0;
  const client = new Client(agentAddress, credentials.createInsecure());
  const server = new Server();
  server.addService(service, {
    session(call: Downstream) {
      sessions++;
      const upstream: Upstream = client.makeBidiStreamRequest(path, asIs, asIs, call.metadata);
      call.on("data", (message: Buffer) => frames.push(orchestratorFrame(message)));
      upstream.on("data", (message: Buffer) => frames.push(agentFrame(message)));
      pass(call, upstream);
      pass(upstream, call);
      call.on("cancelled", () => upstream.cancel());
      upstream.on("error", (error) => call.emit("error", error));
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return {
    address: `127.0.0.1:${port}`,
    frames,
    sessions: () => sessions,
    close() {
      server.forceShutdown();
      client.close();
    },
  };
}

function orchestratorFrame(message: Buffer): Frame {
  const { entries } = fromBinary(SessionRequestSchema, message);
  return { from: "orchestrator", bytes: message.length, entries: entries.map(({ entry }) => entry) };
}

function agentFrame(message: Buffer): Frame {
  const { entries } = fromBinary(SessionResponseSchema, message);
  return { from: "agent", bytes: message.length, entries: entries.map(({ entry }) => entry) };
}
