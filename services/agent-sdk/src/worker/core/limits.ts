import type { KeptBounds } from "./kept-successes.ts";

/** What a worker holds at most, and how long it waits. */
export type Limits = {
  /** Results that wait for an ack, and running handlers, together. */
  readonly keptResultsMax: number;
  /** Beyond it no new dispatch is taken; each busy slot may still add one payload. */
  readonly keptResultBytesMax: number;
  /** Of one output, as JSON. What orchestrators take is theirs to say. */
  readonly payloadBytesMax: number;
  /** Of one input: as much as any orchestrator can be set to. */
  readonly inputBytesMax: number;
  readonly sessionsMax: number;
  /** Over all clusters. */
  readonly shardsMax: number;
  /** From the end of an attempt's time until it fails, should the handler not have stopped. */
  readonly deadlineGraceMs: number;
  /** Between two progress messages of a step. */
  readonly progressIntervalMs: number;
  readonly progressMessageLengthMax: number;
  /** Successes that a repeated idempotency key is answered from; apart from the results that wait for an ack. */
  readonly keptSuccesses: KeptBounds;
};

export const workerLimits: Limits = {
  keptResultsMax: 16_384,
  keptResultBytesMax: 64 * 1024 * 1024,
  payloadBytesMax: 1024 * 1024,
  inputBytesMax: 8 * 1024 * 1024,
  sessionsMax: 1_024,
  shardsMax: 65_536,
  deadlineGraceMs: 1_000,
  progressIntervalMs: 100,
  progressMessageLengthMax: 1_024,
  keptSuccesses: { countMax: 4_096, bytesMax: 16 * 1024 * 1024, ageMsMax: 600_000 },
};
