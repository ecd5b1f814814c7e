export { Budget } from "./budget.ts";
export type { AgentOffer, CapabilityOffer } from "./candidate.ts";
export { type AgentSnapshot, type Completion, Fleet } from "./fleet.ts";
export { seededRandom } from "./seeded-random.ts";
export { type EnqueueResult, type Waiting, WaitingQueue } from "./waiting-queue.ts";
