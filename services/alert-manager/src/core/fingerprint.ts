import type { Labels } from "./alert.ts";

const offsetBasis = 0xcbf29ce484222325n;
const prime = 0x100000001b3n;

/** Names an alert by its rule and its labels, in whatever order they are: 16 hexadecimal digits (FNV-1a, 64 bits). */
export function fingerprint(rule: string, labels: Labels): string {
  const sorted = Object.entries(labels).sort(([left], [right]) => (left < right ? -1 : 1));
  return digest(JSON.stringify([rule, ...sorted]));
}

/** 16 hexadecimal digits of a text. Not for secrets: it is quick, and no proof against an adversary. */
export function digest(text: string): string {
  let hash = offsetBasis;
  for (let index = 0; index < text.length; index++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * prime);
  return hash.toString(16).padStart(16, "0");
}
