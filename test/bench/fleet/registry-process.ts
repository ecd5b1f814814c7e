import { createRegistry } from "@weft/registry";
import { createLogger } from "@weft/runtime/logger";
import { serveParent } from "../processes/parent.ts";

const leaseMs = 10_000;

export type RegistryOptions = { readonly token: string };
export type RegistryFacts = { readonly registry: string };

serveParent<RegistryOptions>(async ({ token }) => {
  const registry = createRegistry(
    { address: "127.0.0.1:0", token, leaseMs },
    { logger: createLogger("registry", "warn") },
  );
  const { port } = await registry.start();
  return { facts: { registry: `127.0.0.1:${port}` } satisfies RegistryFacts };
});
