import { setTimeout as pause } from "node:timers/promises";

/** What a handler does for so long, in milliseconds: the time that work takes, and nothing that a test waits for. */
export function workFor(ms: number): Promise<void> {
  return pause(ms);
}
