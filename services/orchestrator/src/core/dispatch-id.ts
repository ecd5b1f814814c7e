import type { SendRef } from "./event.ts";

/** execution/step/attempt/send: unique for ever, derived, never stored beside its parts. */
export function dispatchId(executionId: string, { step, attempt, send }: SendRef): string {
  return `${executionId}/${step}/${attempt}/${send}`;
}

/** The parts of an id; undefined when it is none. */
export function parseDispatchId(id: string): (SendRef & { readonly executionId: string }) | undefined {
  const match = /^([^/]+)\/([^/]+)\/([1-9][0-9]{0,8})\/([1-9][0-9]{0,8})$/.exec(id);
  if (!match) return undefined;
  return { executionId: match[1]!, step: match[2]!, attempt: Number(match[3]), send: Number(match[4]) };
}
