/** The other side broke the protocol: the session ends with it, and what was not settled is said again in the next. */
export type Breach = { readonly reason: BreachReason; readonly message: string };

export type BreachReason = "CHUNK_MISPLACED" | "PAYLOAD_TOO_LARGE" | "CREDIT_EXCEEDED";

export function breach(reason: BreachReason, message: string): Breach {
  return { reason, message };
}

export function isBreach(value: object): value is Breach {
  return "reason" in value;
}
