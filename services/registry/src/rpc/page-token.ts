const prefix = "agents/1:";

/** A token that only this registry reads: where the next page begins. */
export function writePageToken(after: string): string {
  return Buffer.from(prefix + after).toString("base64url");
}

/** Undefined: it is not a token of this registry. */
export function readPageToken(token: string): string | undefined {
  if (token === "") return "";
  const text = Buffer.from(token, "base64url").toString();
  return text.startsWith(prefix) && writePageToken(text.slice(prefix.length)) === token
    ? text.slice(prefix.length)
    : undefined;
}
