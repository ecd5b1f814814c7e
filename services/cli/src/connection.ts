import type { DescService } from "@bufbuild/protobuf";
import { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { type CallOptions, type Channel, type Client, createChannel, RpcError } from "@weft/runtime/grpc";
import { CallError } from "./call-error.ts";
import { CommandError } from "./command-error.ts";
import { origins, type Peer } from "./target.ts";

/** A service that can be called. */
export type Remote<S extends DescService> = {
  readonly peer: Peer;
  /** For streams; their errors go through `failure`. */
  readonly client: Client<S>;
  /** One call with a deadline. Rejects with a `CallError`. */
  readonly call: <T>(run: (client: Client<S>, options: CallOptions) => Promise<T>) => Promise<T>;
  readonly failure: (error: unknown) => unknown;
};

export type Orchestrator = Remote<typeof OrchestratorService>;
export type Registry = Remote<typeof RegistryService>;
export type AlertManager = Remote<typeof AlertService>;

/** Opens what a command asks for, when it asks, and closes it all at its end. */
export type Connection = {
  readonly orchestrator: () => Orchestrator;
  readonly registry: () => Registry;
  readonly alerts: () => AlertManager;
  readonly close: () => void;
};

const callTimeoutMs = 15_000;

/** `peerOf` says where each service is. Throws a `CommandError` for one that nobody named. */
export function openConnection(peerOf: (service: Peer["service"]) => Peer): Connection {
  const channels: Channel[] = [];
  const open = <S extends DescService>(name: Peer["service"], service: S): Remote<S> => {
    const peer = peerOf(name);
    if (peer.address === undefined) throw unnamed(peer);
    const channel = createChannel({
      address: peer.address,
      ...(peer.token === undefined ? {} : { token: peer.token }),
    });
    channels.push(channel);
    return remote(peer, channel.client(service));
  };
  let orchestrator: Orchestrator | undefined;
  let registry: Registry | undefined;
  let alerts: AlertManager | undefined;
  return {
    orchestrator: () => (orchestrator ??= open("orchestrator", OrchestratorService)),
    registry: () => (registry ??= open("registry", RegistryService)),
    alerts: () => (alerts ??= open("alerts", AlertService)),
    close: () => {
      for (const channel of channels) channel.close();
    },
  };
}

function remote<S extends DescService>(peer: Peer, client: Client<S>): Remote<S> {
  const failure = (error: unknown): unknown =>
    error instanceof RpcError ? new CallError(peer, error) : error;
  return {
    peer,
    client,
    failure,
    call: async (run) => {
      try {
        return await run(client, { timeoutMs: callTimeoutMs });
      } catch (error) {
        throw failure(error);
      }
    },
  };
}

function unnamed({ service, origin }: Peer): CommandError {
  const { title, option, variable } = origins[service];
  return new CommandError(`where is the ${title}? There is no ${origin} here or in a folder above`, [
    "start one in another terminal: weft dev",
    `or name it: ${option} HOST:PORT, or ${variable}`,
  ]);
}
