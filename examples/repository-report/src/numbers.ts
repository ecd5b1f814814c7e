const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const byteUnits = ["B", "kB", "MB", "GB", "TB"] as const;

/** 12345 as "12,345". */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** Bytes in steps of 1000, with three digits: 95832 as "95.8 kB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.6 would be rounded to 1000 of its unit.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${short.format(value)} ${byteUnits[unit]}`;
}

/** A part of a whole: "61%", and "< 1%" rather than nothing. */
export function formatShare(part: number, total: number): string {
  if (total === 0 || part === 0) return "0%";
  const percent = (part / total) * 100;
  return percent < 1 ? "< 1%" : `${Math.min(part === total ? 100 : 99, Math.round(percent))}%`;
}

/** "1 file", "2 files", "2 boxes" when told the plural. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** An ISO date-time as "21 November 2025, 01:40 UTC". */
export function formatTime(iso: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: "UTC",
  });
  return `${parts.format(new Date(iso)).replace(" at ", ", ")} UTC`;
}
