import { recentMax } from "./limits.ts";
import type { Memory } from "./memory.ts";
import { counted } from "./series.ts";
import { subjectKey } from "./subject-key.ts";

/** Counts that something happened, well or badly. */
export function countEnd({ series }: Memory, names: readonly string[], atMs: number, bad: boolean): void {
  const key = subjectKey(...names);
  series.put(key, counted(series.get(key), atMs, bad));
}

/** Keeps a mishap that is told for a while though it is over. */
export function noteMishap(
  { recent }: Memory,
  names: readonly string[],
  id: string,
  atMs: number,
  reason = "",
): void {
  const key = subjectKey(...names);
  const mishaps = recent.get(key)?.mishaps ?? [];
  recent.put(key, { mishaps: [...mishaps, { id, atMs, reason }].slice(-recentMax) });
}
