const prefix = "w1.";

/** Stands for one send of a step. Whoever shows it is authorised like any other caller: it is a name, no key. */
export function completionToken(dispatchId: string): string {
  return prefix + Buffer.from(dispatchId).toString("base64url");
}

/** The dispatch id that a token stands for; undefined for text that is no token. */
export function completionOf(token: string): string | undefined {
  if (!token.startsWith(prefix)) return undefined;
  return Buffer.from(token.slice(prefix.length), "base64url").toString();
}
