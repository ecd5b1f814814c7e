import { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import type { Clock } from "@weft/runtime/clock";
import { type Handlers, type Implementation, implement } from "@weft/runtime/grpc";
import type { AgentRegistry } from "../app/agent-registry.ts";
import { accepted } from "./accepted.ts";
import { serveAttach } from "./attach-stream.ts";
import { fromAgent, fromWatchMessage, namingAgent, toPageRequest, toWatchRequest } from "./mapping.ts";
import { writePageToken } from "./page-token.ts";
import { registrationCalls } from "./registration-calls.ts";
import { toRpcError } from "./rejection-codes.ts";
import { resolveCalls } from "./resolve-calls.ts";

/** RegistryService over the registry in memory. */
export function registryService(registry: AgentRegistry, clock: Clock): Implementation {
  const handlers: Handlers<typeof RegistryService> = {
    attach: (stream) => serveAttach(registry, stream),
    ...registrationCalls(registry),
    ...resolveCalls(registry.resolver, clock),
    drainAgent(request) {
      const { agentId, incarnation } = accepted(namingAgent(request));
      const agent = accepted(registry.drain(agentId, incarnation || undefined));
      return { agent: fromAgent(agent, clock.monotonic()) };
    },
    getAgent(request) {
      const { agentId } = accepted(namingAgent(request));
      return { agent: fromAgent(accepted(registry.get(agentId)), clock.monotonic()) };
    },
    listAgents(request) {
      const { agents, next } = registry.list(accepted(toPageRequest(request)));
      return {
        agents: agents.map((agent) => fromAgent(agent, clock.monotonic())),
        nextPageToken: next === undefined ? "" : writePageToken(next),
      };
    },
    watchAgents(request, stream) {
      const watch = registry.watch(accepted(toWatchRequest(request, registry.incarnation)), {
        write: (message) => stream.write(fromWatchMessage(message, registry.incarnation, clock.monotonic())),
        end: (reason) => stream.fail(toRpcError(reason)),
      });
      const { drained, close } = accepted(watch);
      stream.onDrain(drained);
      stream.onClose(close);
    },
  };
  return implement(RegistryService, handlers);
}
