import { type Finding, labelsOf, type Moment } from "../finding.ts";
import type { Memory } from "../memory.ts";
import type { Signal } from "../rule.ts";
import { type Counts, countsIn } from "../series.ts";
import { namesOf, subjectKey } from "../subject-key.ts";

type SignalOf<Kind extends Signal["kind"]> = Extract<Signal, { readonly kind: Kind }>;

/** Workflows or capabilities that spend their error budget too fast, long enough and still. */
export function burningBudgets(
  { series }: Memory,
  { by, objective, factor, longMs, shortMs, countMin }: SignalOf<"error_burn">,
  { nowMs }: Moment,
): readonly Finding[] {
  const burnOf = (counts: Counts): number => shareOf(counts) / (1 - objective);
  return seriesOf(series, "errors", by).flatMap(({ names, counts }) => {
    const long = counts(longMs, nowMs);
    // A hair below: 14.4 times 1 % is not quite 14.4 % in binary.
    if (long.total < countMin || burnOf(long) < factor - 1e-9) return [];
    if (burnOf(counts(shortMs, nowMs)) < factor - 1e-9) return [];
    const annotations = {
      failed: String(long.bad),
      total: String(long.total),
      rate: percent(shareOf(long)),
      burn: burnOf(long).toFixed(1),
      objective: percent(objective),
    };
    return [{ labels: labelsOf(["namespace", by], names), annotations }];
  });
}

/** Workflows or capabilities whose steps are sent again and again. */
export function retryStorms(
  { series }: Memory,
  { by, withinMs, countMin, ratio }: SignalOf<"retry_storm">,
  { nowMs }: Moment,
): readonly Finding[] {
  return seriesOf(series, "again", by).flatMap(({ names, counts }) => {
    const again = counts(withinMs, nowMs).total;
    const sent = series.get(subjectKey("sends", by, ...names));
    const sends = Math.max(again, sent ? countsIn(sent, withinMs, nowMs).total : 0);
    if (again < countMin || again / sends < ratio) return [];
    const annotations = { again: String(again), sends: String(sends), rate: percent(again / sends) };
    return [{ labels: labelsOf(["namespace", by], names), annotations }];
  });
}

function seriesOf(series: Memory["series"], of: string, by: "workflow" | "capability") {
  return [...series.entries()].flatMap(([key, row]) => {
    const [what, subject, ...names] = namesOf(key);
    if (what !== of || subject !== by) return [];
    return [{ names, counts: (windowMs: number, nowMs: number) => countsIn(row, windowMs, nowMs) }];
  });
}

function shareOf({ bad, total }: Counts): number {
  return total === 0 ? 0 : bad / total;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
