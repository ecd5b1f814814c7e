/** Where the next page begins, as a token that only this service reads. `kind` keeps lists apart. */
export function writePageToken(kind: string, after: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([kind, ...after])).toString("base64url");
}

/** Undefined: it is no token of this list. An empty one is the beginning: []. */
export function readPageToken(
  kind: string,
  token: string,
): readonly [] | readonly [number, string] | undefined {
  if (token === "") return [];
  try {
    const [found, at, name, ...more] = JSON.parse(Buffer.from(token, "base64url").toString()) as unknown[];
    const isOurs = found === kind && typeof at === "number" && typeof name === "string" && more.length === 0;
    return isOurs && writePageToken(kind, [at, name]) === token ? [at, name] : undefined;
  } catch {
    return undefined;
  }
}
