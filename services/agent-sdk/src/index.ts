export type { AgentDefinition } from "./agent.ts";
export { type Capabilities, type Capability, capability } from "./capability.ts";
export type { IdempotencyStoreOptions, ServeOptions } from "./config.ts";
export type { Log, LogFields, StepContext, StepTrace } from "./context.ts";
export { type Agent, defineAgent } from "./define-agent.ts";
export { type FailureCode, type FailureOptions, StepFailure } from "./failure.ts";
export { type Later, later } from "./later.ts";
export { type InputOf, type OutputOf, type Schema, unchecked } from "./schema.ts";
