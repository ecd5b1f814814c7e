import type { Registration } from "@weft/proto/weft/registry/v1/registry_pb";
import type { AgentDefinition } from "../agent.ts";
import type { Config } from "../config.ts";
import type { Identity } from "./session.ts";

/** What the registry is told of an agent, with its start and the slots that are free now. */
export function registrationOf(
  agent: AgentDefinition,
  { region, zone }: Pick<Config, "region" | "zone">,
  identity: Identity,
  now: Pick<Registration, "address" | "freeSlots" | "startedAt">,
): Registration {
  const { name, version, slots, capabilities, labels } = agent;
  return {
    $typeName: "weft.registry.v1.Registration",
    ...identity,
    ...now,
    name,
    version,
    capabilities: Object.entries(capabilities).map(([capability, definition]) => ({
      $typeName: "weft.registry.v1.Capability",
      name: capability,
      version: definition.version ?? version,
      maxConcurrency: definition.maxConcurrency ?? 0,
    })),
    slots,
    region,
    zone,
    labels: { ...labels },
  };
}
