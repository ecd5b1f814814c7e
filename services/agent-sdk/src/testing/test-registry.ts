import {
  type AttachRequest,
  type AttachResponse,
  type Heartbeat,
  type Registration,
  RegistryService,
} from "@weft/proto/weft/registry/v1/registry_pb";
import {
  allowAll,
  anybody,
  Code,
  createServer,
  implementPart,
  RpcError,
  type ServerDuplex,
  sharedToken,
} from "@weft/runtime/grpc";
import { durationOf } from "../worker/duration-of.ts";
import { Inbox } from "./inbox.ts";

export type TestRegistryOptions = {
  /** host:port to bind. Default: a free port on loopback. */
  readonly address?: string | undefined;
  /** Asked of agents. Default: none. */
  readonly token?: string | undefined;
  /** Milliseconds. Default 9,000. */
  readonly leaseMs?: number | undefined;
};

/** A registry that a test drives by hand: it grants leases and shows what agents say. */
export type TestRegistry = {
  /** host:port, for `serve({ registry })`. */
  readonly address: string;
  /** The next registration that the test has not taken yet. */
  registration(): Promise<Registration>;
  /** The next heartbeat that the test has not taken yet. */
  heartbeat(): Promise<Heartbeat>;
  /** The next end of an agent's stream: true when the agent ended it well, to leave. */
  left(): Promise<boolean>;
  /** Asks every attached agent to take no more work, as an operator's drain does. */
  drain(): void;
  /** Ends every agent's stream with an error. */
  cut(code?: Code): void;
  /** Answers nothing from now on. */
  freeze(): void;
  readonly stop: () => Promise<void>;
};

type Stream = ServerDuplex<AttachRequest, AttachResponse>;
type Leaving = { readonly case: "left"; readonly well: boolean };

/**
 * Serves a registry on loopback, for tests of an agent's whole process.
 *
 * @example
 * ```ts
 * const registry = await startTestRegistry();
 * const stop = new AbortController();
 * const stopped = agent.serve({ registry: registry.address, signal: stop.signal });
 * expect((await registry.registration()).name).toBe("reviewer");
 * stop.abort();
 * await stopped;
 * await registry.stop();
 * ```
 */
export async function startTestRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const inbox = new Inbox<AttachRequest["message"] | Leaving>();
  const streams = new Set<Stream>();
  const state = { frozen: false };
  const lease = durationOf(options.leaseMs ?? 9_000);
  const attach = (stream: Stream): void => {
    streams.add(stream);
    stream.onClose(() => streams.delete(stream));
    stream.onMessage(({ message }) => {
      inbox.add(message);
      if (!state.frozen) stream.write(answer(message.case, lease));
    });
    stream.onEnd((error) => {
      inbox.add({ case: "left", well: error === undefined });
      stream.end();
    });
  };
  const server = createServer({
    implementations: [implementPart(RegistryService, { attach })],
    authenticate: options.token ? sharedToken(options.token, agentPrincipal) : anybody(agentPrincipal),
    policy: allowAll,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  });
  const port = await server.listen(options.address ?? "127.0.0.1:0");
  return {
    address: `127.0.0.1:${port}`,
    registration: async () => (await inbox.next("registration")).value,
    heartbeat: async () => (await inbox.next("heartbeat")).value,
    left: async () => (await inbox.next("left")).well,
    drain() {
      const value = { $typeName: "weft.registry.v1.LeaseRenewed", drain: true } as const;
      for (const stream of streams)
        stream.write({
          $typeName: "weft.registry.v1.AttachResponse",
          message: { case: "leaseRenewed", value },
        });
    },
    cut(code = Code.UNAVAILABLE) {
      for (const stream of streams) stream.fail(new RpcError(code, "cut by the test"));
    },
    freeze() {
      state.frozen = true;
    },
    stop: () => server.stop(0),
  };
}

const agentPrincipal = { kind: "service", name: "agent" } as const;

function answer(
  kind: AttachRequest["message"]["case"],
  lease: ReturnType<typeof durationOf>,
): AttachResponse {
  return {
    $typeName: "weft.registry.v1.AttachResponse",
    message:
      kind === "registration"
        ? {
            case: "attached",
            value: { $typeName: "weft.registry.v1.Attached", registryIncarnation: "test", lease },
          }
        : { case: "leaseRenewed", value: { $typeName: "weft.registry.v1.LeaseRenewed", lease } },
  };
}
