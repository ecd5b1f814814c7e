import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAlive, processStart } from "./process-identity.ts";

/** The process that holds a folder. */
export type Holder = { readonly pid: number; readonly processStart: string | undefined };

/**
 * Takes the lock for this process, from a dead one if need be; returns the living holder when there is one.
 * Two that find a dead one at the same moment may both succeed: the ports they share decide between them.
 */
export function takeLock(path: string): Holder | undefined {
  const own = `${path}.${process.pid}`;
  const holder: Holder = { pid: process.pid, processStart: processStart(process.pid) };
  writeFileSync(own, JSON.stringify(holder));
  try {
    // A link is there at once and whole, or not at all.
    linkSync(own, path);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    const found = readHolder(path);
    if (found && isHeldBy(found)) return found;
    renameSync(own, path);
    return undefined;
  } finally {
    rmSync(own, { force: true });
  }
}

export function releaseLock(path: string): void {
  rmSync(path, { force: true });
}

function isHeldBy({ pid, processStart: start }: Holder): boolean {
  if (pid === process.pid || !isAlive(pid)) return false;
  return start === undefined || processStart(pid) === start;
}

function readHolder(path: string): Holder | undefined {
  try {
    const { pid, processStart: start } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    if (typeof pid !== "number") return undefined;
    return { pid, processStart: typeof start === "string" ? start : undefined };
  } catch {
    return undefined;
  }
}
