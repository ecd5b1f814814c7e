import type { Config } from "./config.ts";
import { type DevFile, findDevFile } from "./dev-file.ts";

/** A service to call, and where we have its address from. */
export type Peer = {
  readonly service: "orchestrator" | "registry" | "alerts";
  /** host:port. Undefined: nobody named one. */
  readonly address: string | undefined;
  readonly token: string | undefined;
  /** "--address", "WEFT_ORCHESTRATOR" or the path of a dev.json. */
  readonly origin: string;
};

type Given = {
  readonly address?: string | undefined;
  readonly registry?: string | undefined;
  readonly alerts?: string | undefined;
  readonly token?: string | undefined;
};

/** How to name a service: what people call it, the option, and the variable. */
export const origins = {
  orchestrator: { title: "orchestrator", option: "--address", variable: "WEFT_ORCHESTRATOR" },
  registry: { title: "registry", option: "--registry", variable: "WEFT_REGISTRY" },
  alerts: { title: "alert manager", option: "--alerts", variable: "WEFT_ALERTS" },
} as const;

/** Where to find a service: an option wins over the environment, and that over the nearest dev.json. */
export function peerOf(service: Peer["service"], given: Given, config: Config, directory: string): Peer {
  const token = given.token ?? config.token;
  const { option, variable } = origins[service];
  const fromOption = service === "orchestrator" ? given.address : given[service];
  const found = findDevFile(directory, config.folder);
  const named = fromOption ?? config[service];
  if (named === undefined)
    return {
      service,
      address: found?.content[service],
      token: token ?? found?.content.token,
      origin: found?.path ?? `${config.folder}/dev.json`,
    };
  return {
    service,
    address: named,
    token: token ?? tokenFor(named, service, found?.content),
    origin: fromOption === undefined ? variable : option,
  };
}

/** The developer's token is for the developer's own services and goes nowhere else. */
function tokenFor(address: string, service: Peer["service"], dev: DevFile | undefined): string | undefined {
  return dev?.[service] === address ? dev.token : undefined;
}
