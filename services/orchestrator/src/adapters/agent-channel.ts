import { createChannel } from "@weft/runtime/grpc";

/** A connection of the agent's own: others' cancels must not reset it. */
export function agentChannel(address: string, token: string | undefined): ReturnType<typeof createChannel> {
  return createChannel({ address, exclusive: true, ...(token === undefined ? {} : { token }) });
}
