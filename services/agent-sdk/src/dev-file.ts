import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where the registry is and what it asks of callers. */
export type RegistryTarget = {
  /** host:port. */
  readonly registry: string;
  readonly token: string | undefined;
};

const fileName = "dev.json";

/** The nearest `dev.json` of `weft dev`, from `from` upwards. */
export function findDevFile(from: string, folder: string): string | undefined {
  for (let at = resolve(from); ; at = dirname(at)) {
    // An absolute folder is the same from everywhere.
    const path = join(resolve(at, folder), fileName);
    if (readDevFile(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}

/** Undefined while the file is missing or half written. */
export function readDevFile(path: string): RegistryTarget | undefined {
  try {
    return parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined;
  }
}

function parse(content: unknown): RegistryTarget | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  if (!("registry" in content) || typeof content.registry !== "string") return undefined;
  const token = "token" in content && typeof content.token === "string" ? content.token : undefined;
  return { registry: content.registry, token };
}
