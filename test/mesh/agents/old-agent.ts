import { join } from "node:path";
import {
  type Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const root = join(import.meta.dirname, "../../..");
const includeDirs = [join(root, "proto"), join(root, "proto/third_party")];
const options = { keepCase: true, longs: Number, enums: String, oneofs: true, defaults: true, includeDirs };

/** An entry as proto-loader gives it: `entry` names the field that is set. */
export type Entry = { readonly entry?: string; readonly must_understand?: boolean } & {
  readonly [field: string]: unknown;
};
type Frame = { readonly entries: readonly Entry[] };
type Duplex = NodeJS.EventEmitter & {
  write(message: unknown): boolean;
  end(): void;
  emit(event: "error", error: { readonly code: number; readonly details: string }): boolean;
};
type Dispatch = { readonly dispatch_id: string; readonly input: Buffer };

export type OldAgentOptions = {
  readonly registry: string;
  readonly token: string;
  readonly agentId: string;
  /** Protocol versions that it speaks. */
  readonly versions?: { readonly min: number; readonly max: number };
  /** Default: old.echo. */
  readonly capability?: string;
  /** Somebody else has all of its slots, and it did not say so in time: it takes nothing. */
  readonly isFull?: boolean;
};

/**
 * An agent from before every feature, written by hand on plain grpc-js and the .proto: no chunks, no credit, no
 * extend, no later, no pings of its own. Its one capability answers with its input when the test says so.
 */
export class OldAgent {
  /** Kinds of all entries that it was told, in order. */
  readonly told: string[] = [];
  readonly dispatches: Dispatch[] = [];
  readonly cancelled: string[] = [];
  /** What the orchestrator did not understand of it. */
  readonly unsupported: string[] = [];
  hellos = 0;
  readonly #options: OldAgentOptions;
  readonly #server = new Server();
  #registry: Client | undefined;
  #session: Duplex | undefined;

  constructor(options: OldAgentOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { AgentService } = packageOf("weft/agent/v1/agent.proto", "agent");
    this.#server.addService(AgentService!.service, { Session: (call: Duplex) => this.#open(call) });
    const port = await new Promise<number>((resolve, reject) =>
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    this.#attach(`127.0.0.1:${port}`);
  }

  stop(): void {
    this.#registry?.close();
    this.#server.forceShutdown();
  }

  /** Answers with the input, in one piece however large it is. */
  succeed({ dispatch_id, input }: Dispatch): void {
    this.say({ succeeded: { dispatch_id, output: input } });
  }

  say(...entries: object[]): void {
    this.#session?.write({ entries });
  }

  #attach(address: string): void {
    const { registry, token, agentId, capability = "old.echo" } = this.#options;
    const { RegistryService } = packageOf("weft/registry/v1/registry.proto", "registry");
    this.#registry = new RegistryService!(registry, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    const attach = (this.#registry as unknown as { Attach(metadata: Metadata): Duplex }).Attach(metadata);
    attach.on("error", () => {});
    attach.on("data", () => {});
    attach.write({
      registration: {
        agent_id: agentId,
        incarnation: "first",
        name: agentId,
        version: "0.1.0",
        address,
        capabilities: [{ name: capability }],
        slots,
        free_slots: slots,
      },
    });
  }

  #open(call: Duplex): void {
    this.#session = call;
    call.on("data", ({ entries }: Frame) => {
      for (const entry of entries) this.#take(call, entry);
    });
    call.on("end", () => call.end());
    call.on("error", () => {});
  }

  #take(call: Duplex, entry: Entry): void {
    const kind = entry.entry ?? "unknown";
    if (kind === "hello") return this.#greet(call, entry["hello"] as Hello);
    this.told.push(kind);
    if (kind === "claim") {
      const { shard, epoch } = entry["claim"] as { readonly shard: number; readonly epoch: number };
      this.say({ in_flight: { shard, epoch, running: [], finished: [] } });
    } else if (kind === "dispatch") {
      const dispatch = entry["dispatch"] as Dispatch;
      this.dispatches.push(dispatch);
      const { dispatch_id } = dispatch;
      if (this.#options.isFull)
        this.say({ rejected: { dispatch_id, reason: "REJECTION_REASON_FULL", busy_elsewhere: slots } });
      else this.say({ accepted: { dispatch_ids: [dispatch_id] } });
    } else if (kind === "cancel") this.cancelled.push((entry["cancel"] as Dispatch).dispatch_id);
    else if (kind === "ping") this.say({ pong: entry["ping"] });
    else if (kind === "unsupported")
      this.unsupported.push((entry["unsupported"] as { readonly message: string }).message);
  }

  #greet(call: Duplex, { versions }: Hello): void {
    this.hellos++;
    const { min, max } = this.#options.versions ?? { min: 1, max: 1 };
    const version = Math.min(max, versions.max);
    if (version < Math.max(min, versions.min))
      return void call.emit("error", { code: 9, details: `this agent speaks versions ${min} to ${max}` });
    this.say({ welcome: { agent_id: this.#options.agentId, incarnation: "first", version, slots } });
  }
}

const slots = 4;

type Hello = { readonly versions: { readonly min: number; readonly max: number } };
type ServiceClient = (new (
  address: string,
  credentials: unknown,
) => Client) & {
  readonly service: ServiceDefinition;
};

function packageOf(file: string, name: string): { readonly [service: string]: ServiceClient } {
  const loaded = loadPackageDefinition(loadSync(file, options)) as unknown as {
    readonly weft: {
      readonly [name: string]: { readonly v1: { readonly [service: string]: ServiceClient } };
    };
  };
  return loaded.weft[name]!.v1;
}
