/** Past this a duration is taken for a slip: a thousand years is safe arithmetic, ten are plenty. */
export const durationMsMax = 3_650 * 24 * 60 * 60 * 1_000;

/** A duration in milliseconds, or what is wrong with its text. */
export type ParsedDuration =
  | { readonly ok: true; readonly ms: number }
  | { readonly ok: false; readonly message: string };

// Largest first: the order in which they must be written.
const units = [
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "m", ms: 60_000 },
  { name: "s", ms: 1_000 },
  { name: "ms", ms: 1 },
] as const;

const durationPattern = /^(?:(\d{1,15})d)?(?:(\d{1,15})h)?(?:(\d{1,15})m)?(?:(\d{1,15})s)?(?:(\d{1,15})ms)?$/;

/** Reads "90s", "500ms", "1h30m", "2d": whole numbers with units, the largest first. */
export function parseDuration(text: string): ParsedDuration {
  const match = text === "" ? null : durationPattern.exec(text);
  if (match === null) {
    return { ok: false, message: 'must be a duration such as "90s", "500ms" or "1h30m" (d, h, m, s, ms)' };
  }
  const ms = units.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit.ms, 0);
  if (ms > durationMsMax) {
    return { ok: false, message: `must not be longer than ${formatDuration(durationMsMax)}` };
  }
  return { ok: true, ms };
}

/** Writes whole milliseconds as `parseDuration` reads them: 90,000 is "1m30s". */
export function formatDuration(ms: number): string {
  let left = Math.round(ms);
  let text = "";
  for (const unit of units) {
    const count = Math.floor(left / unit.ms);
    if (count > 0) text += `${count}${unit.name}`;
    left -= count * unit.ms;
  }
  return text === "" ? "0s" : text;
}
