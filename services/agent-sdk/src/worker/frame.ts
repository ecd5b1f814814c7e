import type { AgentEntry } from "@weft/proto/weft/agent/v1/agent_pb";
import { assertNever } from "./core/assert-never.ts";
import type { Outcome } from "./core/outcome.ts";

/** From the contract; a larger entry travels alone. */
export const frameBytesMax = 256 * 1024;
/** Tags and lengths of an entry, its message and the numbers in it, rounded up. */
const entryOverheadBytes = 32;

/** A frame being packed. `bytes` never understates its size on the wire. */
export type Frame = { readonly entries: AgentEntry[]; bytes: number };

export function newFrame(): Frame {
  return { entries: [], bytes: 0 };
}

/** What an entry of this frame may still take. */
export function room(frame: Frame): number {
  return frameBytesMax - frame.bytes - entryOverheadBytes;
}

/** Whether an entry of at most so many bytes may go into this frame: there is room, or it is alone. */
export function fits(frame: Frame, bytes: number): boolean {
  return frame.entries.length === 0 || bytes <= room(frame);
}

export function put(frame: Frame, entry: AgentEntry, bytes: number): void {
  frame.entries.push(entry);
  frame.bytes += bytes + entryOverheadBytes;
}

/** A UTF-16 unit takes at most three bytes in UTF-8: cheaper than counting, and never too little. */
export function textBytesMax(text: string): number {
  return text.length * 3 + 4;
}

export function textsBytesMax(texts: readonly string[]): number {
  return texts.reduce((total, text) => total + textBytesMax(text), 0);
}

/** What of a result counts against the orchestrator's credit. */
export function outputBytes(outcome: Outcome): number {
  return outcome.status === "succeeded" ? outcome.output.byteLength : 0;
}

export function resultBytesMax(dispatchId: string, outcome: Outcome): number {
  switch (outcome.status) {
    case "succeeded":
      return textBytesMax(dispatchId) + outcome.output.byteLength;
    case "failed": {
      const { message, reason = "" } = outcome.failure;
      return textsBytesMax([dispatchId, message, reason]) + entryOverheadBytes;
    }
    case "later":
      return textBytesMax(dispatchId);
    default:
      return assertNever(outcome);
  }
}
