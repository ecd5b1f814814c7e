import type { StepState } from "../progress/execution-view.ts";

type Status = StepState["status"];

/** A row that is shown, or a count of those between that are not. */
export type Folded =
  | { readonly kind: "row"; readonly index: number }
  | { readonly kind: "fold"; readonly text: string };

/** What to keep first when not all fits. */
const urgency: Readonly<Record<Status, number>> = {
  failed: 0,
  running: 1,
  retrying: 1,
  queued: 2,
  waiting: 2,
  cancelled: 3,
  pending: 3,
  skipped: 4,
  succeeded: 4,
};

/** Rows in their order, at most `rowsMax` lines: those that matter least are counted instead of shown. */
export function foldRows(rows: readonly Status[], rowsMax: number): readonly Folded[] {
  if (rows.length <= rowsMax) return rows.map((_, index) => ({ kind: "row", index }));
  const ranks = rows.map((status, index) => rank(status, index / rows.length));
  const ranked = [...rows.keys()].sort((a, b) => ranks[a]! - ranks[b]! || a - b);
  // Each run of hidden rows takes a line too: keep fewer until all of it fits.
  for (let keptMax = rowsMax - 1; keptMax > 0; keptMax--) {
    const folded = fold(
      rows,
      ranked.slice(0, keptMax).sort((a, b) => a - b),
    );
    if (folded.length <= rowsMax) return folded;
  }
  return fold(rows, []);
}

/** Of those done, the latest are kept; of the others, the first. */
function rank(status: Status, place: number): number {
  const order = urgency[status];
  return order < 4 ? order : order + 1 - place;
}

function fold(rows: readonly Status[], kept: readonly number[]): readonly Folded[] {
  const folded: Folded[] = [];
  let next = 0;
  for (const index of [...kept, rows.length]) {
    if (index > next) folded.push({ kind: "fold", text: countText(rows, next, index) });
    if (index < rows.length) folded.push({ kind: "row", index });
    next = index + 1;
  }
  return folded;
}

/** "38 succeeded, 12 pending" */
function countText(rows: readonly Status[], from: number, to: number): string {
  const counts = new Map<Status, number>();
  for (let index = from; index < to; index++) {
    const status = rows[index]!;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}
