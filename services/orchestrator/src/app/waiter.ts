import type { Waiting } from "@weft/balancer";

/** A due step that waits for a slot. */
export type Waiter = {
  readonly executionId: string;
  readonly step: string;
  readonly capability: string;
  readonly stepKey: string;
};

/** Where it waits: in the line of its capability, or held back behind the breaker of its step. */
export type Place = {
  readonly waiter: Waiter;
  /** By the monotonic clock. */
  readonly sinceMs: number;
  isHeld: boolean;
  entry: Waiting<Place> | undefined;
};
