import { hash } from "node:crypto";
import type { PayloadDigest } from "./store.ts";

/** Bodies that a page of digested events holds at most, but for a single one that has more. */
export const digestPageCharsMax = 1024 * 1024;

/** Of a payload's JSON text. */
export function digestOf(text: string): PayloadDigest {
  return { bytes: Buffer.byteLength(text), sha256: hash("sha256", text) };
}
