import {
  type Agent,
  AgentState,
  RegistryService,
  type WatchAgentsResponse,
  type WatchPosition,
} from "@weft/proto/weft/registry/v1/registry_pb";
import { backoffMs } from "@weft/runtime/backoff";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import { type ClientStream, createChannel } from "@weft/runtime/grpc";
import type { Logger } from "@weft/runtime/logger";
import type { AgentDirectory, AgentRecord, DirectoryListener } from "../app/agents.ts";

export type AgentDirectoryOptions = {
  /** host:port of the registry. */
  readonly address: string;
  readonly token?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
};

type WatchPositionInit = Pick<WatchPosition, "registryIncarnation" | "revision">;

const reconnect = { initialMs: 100, maxMs: 2_000 };

/** Follows the registry's list of agents. */
export function agentDirectory(options: AgentDirectoryOptions): AgentDirectory {
  return {
    watch(listener) {
      const follower = new RegistryFollower(options, listener);
      return () => follower.stop();
    },
  };
}

/**
 * One watch of the registry, reopened with jittered backoff until it is stopped.
 *
 * 1. Without a registry the agents stay as they were known last: their sessions tell whether they live.
 * 2. Absence from a snapshot means gone; while the registry is warming it means nothing, until that ends.
 * 3. A watch that was cut goes on where it was, if the registry still knows what has changed since.
 */
class RegistryFollower {
  readonly #options: AgentDirectoryOptions;
  readonly #listener: DirectoryListener;
  readonly #channel: ReturnType<typeof createChannel>;
  readonly #known = new Set<string>();
  /** Those of whom this registry has told since its snapshot. */
  readonly #seen = new Set<string>();
  #isWarming = false;
  #position: WatchPositionInit | undefined;
  #stream: ClientStream<WatchAgentsResponse> | undefined;
  #timer: CancelTimer = () => {};
  #failures = 0;

  constructor(options: AgentDirectoryOptions, listener: DirectoryListener) {
    this.#options = options;
    this.#listener = listener;
    const { address, token } = options;
    this.#channel = createChannel({ address, exclusive: true, ...(token === undefined ? {} : { token }) });
    this.#open();
  }

  stop(): void {
    this.#timer();
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.cancel();
    this.#channel.close();
  }

  #open(): void {
    const stream = this.#channel.client(RegistryService).watchAgents({
      ...(this.#position && { after: this.#position }),
    });
    this.#stream = stream;
    stream.onMessage((message) => {
      if (stream === this.#stream) this.#heard(message);
    });
    stream.onEnd((error) => {
      if (stream === this.#stream) this.#reopen(error?.message ?? "the registry ended it");
    });
  }

  #heard({ snapshot, warming, agents, registryIncarnation, revision }: WatchAgentsResponse): void {
    if (this.#failures > 0)
      this.#options.logger.info({ address: this.#options.address }, "registry found again");
    this.#failures = 0;
    if (snapshot) this.#seen.clear();
    for (const agent of agents) this.#changed(agent);
    if (!warming && (snapshot || this.#isWarming)) this.#dropUnseen();
    this.#isWarming = warming;
    this.#position = { registryIncarnation, revision };
  }

  #dropUnseen(): void {
    for (const agentId of this.#known) if (!this.#seen.has(agentId)) this.#gone(agentId);
  }

  #changed(agent: Agent): void {
    if (agent.state === AgentState.GONE) return this.#gone(agent.agentId);
    this.#known.add(agent.agentId);
    this.#seen.add(agent.agentId);
    this.#listener.changed(recordOf(agent));
  }

  #gone(agentId: string): void {
    if (this.#known.delete(agentId)) this.#listener.gone(agentId);
  }

  #reopen(reason: string): void {
    const { clock, random, logger, address } = this.#options;
    if (this.#failures === 0)
      logger.warn({ address, reason }, "registry lost; agents stay as they were known");
    const delayMs = backoffMs(reconnect, ++this.#failures, random);
    this.#timer = clock.after(delayMs, () => this.#open());
  }
}

function recordOf({ agentId, incarnation, address, slots, capabilities, state }: Agent): AgentRecord {
  return {
    agentId,
    incarnation,
    address,
    slots,
    capabilities: capabilities.map(({ name, maxConcurrency }) => ({ name, maxConcurrency })),
    ready: state === AgentState.READY,
  };
}
