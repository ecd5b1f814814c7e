/** Registered, so that two copies of the SDK in one process know each other's. */
const mark: unique symbol = Symbol.for("weft.later");

/** What {@link later} gives. */
export type Later = { readonly [mark]: true };

const answer: Later = Object.freeze({ [mark]: true as const });

/**
 * What a handler returns in place of an output when somebody else will complete the step: a person, a webhook,
 * a batch that runs for days. Its slot is free from then on. The step waits, within its timeout, until
 * OrchestratorService.CompleteStep (`weft complete`) comes with the step's
 * {@link StepContext.completionToken | completionToken}; it may come before the handler has returned.
 *
 * Only for steps of a session: a unary Execute has to be answered, so there it fails the call as
 * FAILED_PRECONDITION with the reason LATER_UNSUPPORTED.
 *
 * @example
 * ```ts
 * const approve = capability({
 *   input: z.object({ change: z.string() }),
 *   output: z.object({ approvedBy: z.string() }),
 *   async run({ change }, { completionToken, idempotencyKey }) {
 *     await askForApproval(change, { replyWith: completionToken, key: idempotencyKey });
 *     return later();
 *   },
 * });
 * ```
 */
export function later(): Later {
  return answer;
}

export function isLater(value: unknown): value is Later {
  return typeof value === "object" && value !== null && mark in value;
}
