import type { Server } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import type { Implementation } from "./implementation.ts";

/** `grpc.health.v1` for the server as a whole ("") and for each of its services. Needs no credentials. */
export function serveHealth(
  grpc: Server,
  implementations: readonly Implementation[],
): { readonly setServing: (serving: boolean) => void } {
  const names = ["", ...implementations.map(({ service }) => service.typeName)];
  const health = new HealthImplementation(
    Object.fromEntries(names.map((name) => [name, "NOT_SERVING" as const])),
  );
  health.addToServer(grpc);
  return {
    setServing(serving) {
      for (const name of names) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
    },
  };
}
