import { setTimeout as pause } from "node:timers/promises";

const betweenMs = 5;

/** Resolves when `probe` gives something; fails after `withinMs` with what was waited for. */
export async function until<T>(
  what: string | (() => string),
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline)
      throw new Error(`waited ${withinMs} ms in vain for ${typeof what === "string" ? what : what()}`);
    await pause(betweenMs);
  }
}
