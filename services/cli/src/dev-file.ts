import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { usageError } from "./command-error.ts";

/**
 * What `weft dev` keeps in its data folder, for its next start and for those who look for it. It holds a
 * token, so only its owner may read it.
 */
export type DevFile = {
  /** host:port; kept across restarts. Absent before the first start. */
  readonly orchestrator?: string | undefined;
  readonly registry?: string | undefined;
  readonly alerts?: string | undefined;
  readonly token: string;
  /** The process that serves there, or did until it was killed. */
  readonly pid?: number | undefined;
};

const fileName = "dev.json";
const ownerOnly = 0o600;

export function devFilePath(folder: string): string {
  return join(folder, fileName);
}

/** The nearest one, from `from` upwards. */
export function findDevFile(
  from: string,
  folder: string,
): { readonly path: string; readonly content: DevFile } | undefined {
  for (let at = resolve(from); ; at = dirname(at)) {
    const path = devFilePath(resolve(at, folder));
    const content = readDevFile(path);
    if (content) return { path, content };
    if (at === dirname(at)) return undefined;
  }
}

/** Undefined when there is none. Throws a usage error when it can't be read or is something else. */
export function readDevFile(path: string): DevFile | undefined {
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw usageError(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = parse(content);
  if (parsed) return parsed;
  throw usageError(`${path} is not what \`weft dev\` writes`, `delete it; \`weft dev\` then makes a new one`);
}

/** Whole or not at all: others read it at any time. */
export function writeDevFile(path: string, content: DevFile): void {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: ownerOnly });
  renameSync(unfinished, path);
}

function parse(text: string): DevFile | undefined {
  try {
    const content = JSON.parse(text) as Readonly<Record<keyof DevFile, unknown>>;
    const { orchestrator, registry, alerts, token, pid } = content;
    if (typeof token !== "string") return undefined;
    return {
      token,
      orchestrator: typeof orchestrator === "string" ? orchestrator : undefined,
      registry: typeof registry === "string" ? registry : undefined,
      alerts: typeof alerts === "string" ? alerts : undefined,
      pid: typeof pid === "number" ? pid : undefined,
    };
  } catch {
    return undefined;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
