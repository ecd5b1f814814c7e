import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { usageError } from "../command-error.ts";

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const units = /^(\d{1,9})([smhd])$/;

/** "30m", "2h", "3d", in milliseconds. Throws a usage error that names `option`. */
export function parseLength(option: string, given: string): number {
  const [, amount = "", unit = ""] = units.exec(given) ?? [];
  const ms = Number(amount) * (unitsMs[unit] ?? 0);
  if (ms > 0) return ms;
  throw usageError(`${option} ${given}: expected a duration such as 30m, 2h or 3d`);
}

/** "10m", "2h" or "3d" before now, or a date such as 2026-01-31 or 2026-01-31T08:00. */
export function parseSince(given: string, nowMs: number): Timestamp {
  const [, amount, unit = ""] = units.exec(given) ?? [];
  if (amount !== undefined) return timestampFromMs(nowMs - Number(amount) * (unitsMs[unit] ?? 0));
  const at = /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(at)) return timestampFromMs(at);
  throw usageError(`--since ${given}: expected a time such as 10m, 2h, 3d or 2026-01-31T08:00`);
}
