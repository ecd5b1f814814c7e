import { parseDispatchId } from "./dispatch-id.ts";
import type { Dispatch } from "./input.ts";

/** Keys of longer text are not kept: a key is an id, and ids have 128 characters at most each. */
export const successKeyLengthMax = 1_024;

/**
 * What a success is kept under: who asks (a cluster; nobody for Execute), for which capability, with which
 * idempotency key. Clusters that share an agent never get each other's outputs.
 */
export function successKey(
  cluster: string,
  { dispatchId, capability, idempotencyKey }: Pick<Dispatch, "dispatchId" | "capability" | "idempotencyKey">,
): string {
  return `${cluster}\n${capability}\n${idempotencyKey ?? parseDispatchId(dispatchId).idempotencyKey}`;
}
