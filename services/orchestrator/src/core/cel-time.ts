const dayMs = 24 * 60 * 60 * 1_000;

/** What CEL reads off a timestamp. Months, days of the month and days of the year count from 0. */
export const calendar: ReadonlyMap<string, (date: Date) => number> = new Map([
  ["getFullYear", (date: Date) => date.getUTCFullYear()],
  ["getMonth", (date: Date) => date.getUTCMonth()],
  ["getDate", (date: Date) => date.getUTCDate()],
  ["getDayOfMonth", (date: Date) => date.getUTCDate() - 1],
  ["getDayOfWeek", (date: Date) => date.getUTCDay()],
  ["getDayOfYear", dayOfYear],
  ["getHours", (date: Date) => date.getUTCHours()],
  ["getMinutes", (date: Date) => date.getUTCMinutes()],
  ["getSeconds", (date: Date) => date.getUTCSeconds()],
  ["getMilliseconds", (date: Date) => date.getUTCMilliseconds()],
]);

/**
 * Minutes east of Greenwich: "UTC" or an offset such as "+02:00"; undefined for anything else. Names of
 * places are left out: what they mean differs between machines and over time.
 */
export function offsetMinutes(zone: string): number | undefined {
  if (zone === "UTC" || zone === "") return 0;
  const match = /^([+-]?)([01]\d|2[0-3]):([0-5]\d)$/.exec(zone);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / dayMs);
}
