import type { EngineLoad, Timing } from "../phases.ts";
import { serveParent } from "../processes/parent.ts";
import { type OrchestratorTarget, openBackend } from "./backend.ts";
import { runLoad } from "./closed-loop.ts";
import { workflows } from "./workflows.ts";

/** One stretch of a workload. */
export type DriverRequest = { readonly load: EngineLoad; readonly timing: Timing };

serveParent<OrchestratorTarget, DriverRequest>(async (target) => {
  const backend = await openBackend(
    target,
    Object.values(workflows).map(({ document }) => document),
  );
  return { facts: {}, answer: ({ load, timing }) => runLoad(backend, load, timing) };
});
