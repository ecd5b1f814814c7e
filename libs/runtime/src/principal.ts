import { hash, timingSafeEqual } from "node:crypto";

/** Who calls. Every call has one, and the log records its name. */
export type Principal = { readonly kind: "developer" | "service"; readonly name: string };

/** What a call touches. */
export type Resource = { readonly namespace: string };

/** Decides what a principal may do; `action` is the full method name, as in "weft.x.v1.Service/Method". */
export type Policy = { may(principal: Principal, action: string, resource: Resource): boolean };

/** Tells who a bearer token belongs to; undefined refuses the call. */
export type Authenticator = (token: string | undefined) => Principal | undefined;

export const allowAll: Policy = { may: () => true };

/** Accepts one shared token. Compares digests, so that neither length nor content leaks through timing. */
export function sharedToken(token: string, principal: Principal): Authenticator {
  const expected = digest(token);
  return (given) => (given !== undefined && timingSafeEqual(digest(given), expected) ? principal : undefined);
}

/** For processes started with an explicit `insecure`: everybody is the same principal. */
export function anybody(principal: Principal): Authenticator {
  return () => principal;
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
