import { createOrchestrator, orchestratorDefaults } from "@weft/orchestrator";
import { createLogger } from "@weft/runtime/logger";
import { serveParent } from "../processes/parent.ts";
import type { RegistryFacts } from "./registry-process.ts";

export type OrchestratorOptions = RegistryFacts & { readonly dataDirectory: string; readonly token: string };
export type OrchestratorFacts = { readonly orchestrator: string };

serveParent<OrchestratorOptions>(async ({ registry, dataDirectory, token }) => {
  const orchestrator = createOrchestrator(
    {
      ...orchestratorDefaults,
      address: "127.0.0.1:0",
      registryAddress: registry,
      token,
      dataDirectory,
      orchestratorId: "bench",
    },
    { logger: createLogger("orchestrator", "warn"), onFatal: () => process.exit(1) },
  );
  const { port } = await orchestrator.start();
  return { facts: { orchestrator: `127.0.0.1:${port}` } satisfies OrchestratorFacts };
});
