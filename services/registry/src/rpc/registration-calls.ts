import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { RegistryService } from "@weft/proto/weft/registry/v1/registry_pb";
import type { Handlers } from "@weft/runtime/grpc";
import type { AgentRegistry } from "../app/agent-registry.ts";
import { accepted } from "./accepted.ts";
import { namingIncarnation, toHeartbeat, toRegistrationRequest } from "./mapping.ts";

type RegistrationCalls = Pick<Handlers<typeof RegistryService>, "register" | "heartbeat" | "deregister">;

/** What an agent does that holds no stream. */
export function registrationCalls(registry: AgentRegistry): RegistrationCalls {
  const { incarnation: registryIncarnation } = registry;
  const lease = durationFromMs(registry.leaseMs);
  return {
    register(request) {
      const { draining } = accepted(registry.register(accepted(toRegistrationRequest(request))));
      return { registryIncarnation, lease, drain: draining };
    },
    heartbeat(request) {
      const { agentId, incarnation, load } = accepted(toHeartbeat(request));
      const { draining } = accepted(registry.heartbeat(agentId, incarnation, load));
      return { lease, drain: draining };
    },
    deregister(request) {
      const { agentId, incarnation } = accepted(namingIncarnation(request));
      registry.deregister(agentId, incarnation);
      return {};
    },
  };
}
