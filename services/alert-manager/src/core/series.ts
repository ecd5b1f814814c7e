/** Counts of one bucket of time: its number since 1970, how many there were, and how many of them were bad. */
type Bucket = readonly [index: number, total: number, bad: number];

/**
 * How often something happened, and how often badly, over three days, in 61 buckets of a minute and 145 of half
 * an hour: no single event is kept, and a busy series takes no more room than a quiet one.
 */
export type Series = {
  readonly minutes: readonly Bucket[];
  readonly halfHours: readonly Bucket[];
};

export type Counts = { readonly total: number; readonly bad: number };

const minuteMs = 60_000;
const halfHourMs = 1_800_000;
const minutesMax = 61;
const halfHoursMax = 145;

/** A window up to this is counted in minutes, a longer one in half hours. */
const minutesWindowMsMax = 3_600_000;
/** The longest window that a series can answer for. */
export const windowMsMax = 259_200_000;

const emptySeries: Series = { minutes: [], halfHours: [] };

/** The series with one more. What is older than its windows changes nothing. */
export function counted(series: Series = emptySeries, atMs: number, bad: boolean): Series {
  return {
    minutes: added(series.minutes, Math.floor(atMs / minuteMs), bad, minutesMax),
    halfHours: added(series.halfHours, Math.floor(atMs / halfHourMs), bad, halfHoursMax),
  };
}

/** What happened in the window that ends now. It begins with a whole bucket, so it may be longer by one. */
export function countsIn({ minutes, halfHours }: Series, windowMs: number, nowMs: number): Counts {
  const isShort = windowMs <= minutesWindowMsMax;
  const bucketMs = isShort ? minuteMs : halfHourMs;
  const first = Math.floor((nowMs - windowMs) / bucketMs);
  let total = 0;
  let bad = 0;
  for (const bucket of isShort ? minutes : halfHours) {
    if (bucket[0] < first) continue;
    total += bucket[1];
    bad += bucket[2];
  }
  return { total, bad };
}

/** Whether nothing of it lies in any window. */
export function isOver({ halfHours }: Series, nowMs: number): boolean {
  const last = halfHours.at(-1);
  return last === undefined || last[0] < Math.floor((nowMs - windowMsMax) / halfHourMs);
}

/** Buckets are in order; most often it is the last one that counts. */
function added(
  buckets: readonly Bucket[],
  index: number,
  bad: boolean,
  bucketsMax: number,
): readonly Bucket[] {
  const newest = Math.max(index, buckets.at(-1)?.[0] ?? index);
  const oldest = newest - bucketsMax + 1;
  if (index < oldest) return buckets;
  const place = buckets.findLastIndex((bucket) => bucket[0] <= index);
  const found = buckets[place];
  const kept =
    buckets[0] && buckets[0][0] < oldest ? buckets.filter((bucket) => bucket[0] >= oldest) : buckets;
  const shift = buckets.length - kept.length;
  if (found?.[0] === index) return kept.with(place - shift, [index, found[1] + 1, found[2] + (bad ? 1 : 0)]);
  return kept.toSpliced(Math.max(0, place - shift + 1), 0, [index, 1, bad ? 1 : 0]);
}
