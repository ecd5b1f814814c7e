export type Backoff = { readonly initialMs: number; readonly maxMs: number };

/** The pause after so many failures in a row: it doubles up to the maximum, and half of it is chance. */
export function backoffMs({ initialMs, maxMs }: Backoff, failures: number, random: () => number): number {
  return Math.min(maxMs, initialMs * 2 ** (failures - 1)) * (0.5 + random() / 2);
}
