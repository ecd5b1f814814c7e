import { readFileSync } from "node:fs";

/** Whether a process with this pid runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * When a process started, in the system's own terms: with the pid it names a process for good, even across
 * restarts of a container, where pids repeat. Undefined where the system does not tell.
 */
export function processStart(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    // The name in parentheses may hold anything: fields are counted from behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const startTicks = fields[19];
    return startTicks === undefined ? undefined : `${boot}/${startTicks}`;
  } catch {
    return undefined;
  }
}
