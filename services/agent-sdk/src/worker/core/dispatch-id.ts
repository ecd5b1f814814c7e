/** What a dispatch id says: execution/step/attempt/send. */
export type DispatchIdParts = {
  readonly executionId: string;
  readonly stepId: string;
  /** From 1. */
  readonly attempt: number;
  /** execution/step: the same over all attempts and sends. */
  readonly idempotencyKey: string;
};

/** An id of another shape, as Execute allows, is its own execution and key. */
export function parseDispatchId(dispatchId: string): DispatchIdParts {
  const send = dispatchId.lastIndexOf("/");
  const attempt = dispatchId.lastIndexOf("/", send - 1);
  const step = dispatchId.lastIndexOf("/", attempt - 1);
  const number = Number(dispatchId.slice(attempt + 1, send));
  if (step <= 0 || !Number.isInteger(number) || number < 1)
    return { executionId: dispatchId, stepId: "", attempt: 1, idempotencyKey: dispatchId };
  return {
    executionId: dispatchId.slice(0, step),
    stepId: dispatchId.slice(step + 1, attempt),
    attempt: number,
    idempotencyKey: dispatchId.slice(0, attempt),
  };
}
