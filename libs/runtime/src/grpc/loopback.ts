import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import { silentLogger } from "../logger.ts";
import { allowAll, anybody } from "../principal.ts";
import { type Channel, type ChannelOptions, type Client, createChannel } from "./client.ts";
import { type Handlers, implementPart } from "./implementation.ts";
import { createServer, type Server, type ServerOptions } from "./server.ts";

/** The registry's contract has a method of each kind. */
type Sample = typeof RegistryService;

export type Loopback = {
  readonly server: Server;
  readonly address: string;
  readonly client: Client<Sample>;
  readonly connect: (options?: Partial<ChannelOptions>) => Channel;
  /** Ends every channel, then the server. */
  close(): Promise<void>;
};

/** A server with these handlers and a client of it, over a real socket. For tests. */
export async function openLoopback(
  handlers: Partial<Handlers<Sample>>,
  options: Partial<ServerOptions> = {},
): Promise<Loopback> {
  const server = createServer({
    implementations: [implementPart(RegistryService, handlers)],
    authenticate: anybody({ kind: "developer", name: "local" }),
    policy: allowAll,
    logger: silentLogger,
    ...options,
  });
  const address = `127.0.0.1:${await server.listen("127.0.0.1:0")}`;
  const channels: Channel[] = [];
  const connect = (more: Partial<ChannelOptions> = {}): Channel => {
    const channel = createChannel({ address, ...more });
    channels.push(channel);
    return channel;
  };
  return {
    server,
    address,
    client: connect().client(RegistryService),
    connect,
    async close() {
      for (const channel of channels) channel.close();
      await server.stop(0);
    },
  };
}

/** All messages of a stream, once it has ended. */
export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}
