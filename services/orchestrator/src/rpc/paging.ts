import type { Problem } from "../core/problem.ts";
import { badRequest } from "./rejection-codes.ts";

const pageSizeDefault = 100;
const pageSizeMax = 1_000;

/** 0 means the default. Throws INVALID_ARGUMENT out of bounds. */
export function pageSizeOf(requested: number): number {
  if (requested >= 0 && requested <= pageSizeMax) return requested || pageSizeDefault;
  throw badRequest([{ field: "page_size", message: `must be 0 to ${pageSizeMax}` }]);
}

const badToken: Problem = { field: "page_token", message: "was not given out by this method" };

/** An opaque token for the parts of a key. */
export function pageTokenOf(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** The parts again; undefined for an empty token. Throws INVALID_ARGUMENT for one of another origin. */
export function partsOfToken(token: string, length: number): readonly unknown[] | undefined {
  if (token === "") return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === length) return parts;
  } catch {
    // Falls through to the same refusal.
  }
  throw badRequest([badToken]);
}
