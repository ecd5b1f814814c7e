import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** "42 ms", "1.2 s", "3 m 04 s", "2 h 05 m", "3 d 04 h". */
export function durationText(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 100) return `${whole} ms`;
  if (whole < minuteMs - secondMs / 20) return `${(whole / secondMs).toFixed(1)} s`;
  const [big, small, bigName, smallName] =
    whole < hourMs - secondMs / 2
      ? [minuteMs, secondMs, "m", "s"]
      : whole < dayMs - minuteMs / 2
        ? [hourMs, minuteMs, "h", "m"]
        : [dayMs, hourMs, "d", "h"];
  const smalls = Math.round(whole / small);
  const perBig = big / small;
  const rest = String(smalls % perBig).padStart(2, "0");
  return `${Math.floor(smalls / perBig)} ${bigName} ${rest} ${smallName}`;
}

/** "now", "12 s ago", "3 m ago", "2 h ago", "5 d ago": how long ago, in its largest unit. */
export function agoText(ms: number): string {
  if (ms < secondMs) return "now";
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s ago`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)} m ago`;
  if (ms < dayMs) return `${Math.floor(ms / hourMs)} h ago`;
  return `${Math.floor(ms / dayMs)} d ago`;
}

/** The time of day where the reader is, with milliseconds. */
export function timeOfDay(ms: number): string {
  const at = new Date(ms);
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits);
  return `${hours}:${minutes}:${seconds}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** Date and time where the reader is. */
export function dateTime(ms: number): string {
  const at = new Date(ms);
  const [month, day] = [at.getMonth() + 1, at.getDate()].map(twoDigits);
  return `${at.getFullYear()}-${month}-${day} ${timeOfDay(ms).slice(0, 8)}`;
}

/** Undefined stays so. */
export function msOf(timestamp: Timestamp | undefined): number | undefined {
  return timestamp && timestampMs(timestamp);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
