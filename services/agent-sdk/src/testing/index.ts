export { type GatedCapability, gatedCapability } from "./gated-capability.ts";
export type { LogLine } from "./recorded-log.ts";
export { type CapabilityRun, type RunOptions, runCapability } from "./run-capability.ts";
export { startTestAgent, type TestAgent, type TestAgentOptions } from "./test-agent.ts";
export {
  type DispatchOptions,
  type EntryKind,
  type EntryOf,
  type OrchestratorEntryInit,
  openTestOrchestrator,
  type TestOrchestrator,
  type TestOrchestratorOptions,
} from "./test-orchestrator.ts";
export { startTestRegistry, type TestRegistry, type TestRegistryOptions } from "./test-registry.ts";
