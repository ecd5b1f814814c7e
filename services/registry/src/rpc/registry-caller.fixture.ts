import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type Agent,
  type AttachRequestSchema,
  RegistryService,
  type AgentState as State,
  type WatchAgentsRequestSchema,
} from "@weft/proto/weft/registry/v1/registry_pb";
import { type Client, createChannel, type RpcError } from "@weft/runtime/grpc";
import { sampleRegistration } from "../core/registration-sample.ts";

type AttachInit = MessageInitShape<typeof AttachRequestSchema>;
type WatchInit = MessageInitShape<typeof WatchAgentsRequestSchema>;

const { capabilities: _, startedAt: __, ...fields } = sampleRegistration();
const capabilities = [{ name: "code.review", version: "1", maxConcurrency: 2 }];

/** A good registration as a message, with what the test is about. */
export const sampleFields = { ...fields, capabilities };

export const registration = (differing: object = {}) => ({
  message: { case: "registration" as const, value: { ...sampleFields, ...differing } },
});
export const heartbeat = (freeSlots: number, draining = false) => ({
  message: { case: "heartbeat" as const, value: { freeSlots, draining } },
});

export type RegistryCaller = ReturnType<typeof callRegistry>;

/** Speaks with a registry over a real socket, as agents and readers do. For tests. */
export function callRegistry(address: string) {
  const channel = createChannel({ address });
  const client = channel.client(RegistryService);
  return {
    client,
    attach: (first: AttachInit = registration()) => attach(client, first),
    watch: (request: WatchInit = {}) => watch(client, request),
    close: () => channel.close(),
  };
}

/** An agent's side of its stream: what it was answered, and how it ended. */
function attach(client: Client<typeof RegistryService>, first: AttachInit) {
  const call = client.attach();
  const answers = queue<string | undefined>();
  call.onMessage(({ message }) => answers.push(message.case));
  const ended = new Promise<RpcError | undefined>((resolve) => call.onEnd(resolve));
  call.write(first);
  return { call, next: () => answers.next(), ended };
}

/** Reads a watch; `sees` waits for a record in that state. */
function watch(client: Client<typeof RegistryService>, request: WatchInit) {
  const stream = client.watchAgents(request);
  const messages = stream[Symbol.asyncIterator]();
  const next = async () => (await messages.next()).value;
  return {
    next,
    cancel: () => stream.cancel(),
    sees: async (state: State): Promise<Agent> => {
      for (let message = await next(); message; message = await next()) {
        const agent = message.agents.find((candidate: Agent) => candidate.state === state);
        if (agent) return agent;
      }
      throw new Error(`the watch has ended before an agent was ${state}`);
    },
  };
}

/** Messages in the order they come, for whoever awaits them. */
export function queue<T>(): { push(value: T): void; next(): Promise<T> } {
  const waiting: ((value: T) => void)[] = [];
  const arrived: T[] = [];
  return {
    push(value) {
      const take = waiting.shift();
      if (take) take(value);
      else arrived.push(value);
    },
    next: () =>
      arrived.length > 0
        ? Promise.resolve(arrived.shift() as T)
        : new Promise((resolve) => waiting.push(resolve)),
  };
}
