import { describe, expect, it } from "vitest";
import { counted, countsIn, isOver, type Series, windowMsMax } from "./series.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2030, 0, 1);

function series(...facts: readonly (readonly [atMs: number, bad: boolean])[]): Series {
  return facts.reduce<Series>((sum, [atMs, bad]) => counted(sum, atMs, bad), { minutes: [], halfHours: [] });
}

describe("a series", () => {
  it("counts what lies in a window, and what of it was bad", () => {
    const some = series([start, true], [start + minute, false], [start + 10 * minute, true]);
    expect(countsIn(some, hour, start + 10 * minute)).toEqual({ total: 3, bad: 2 });
    expect(countsIn(some, 5 * minute, start + 10 * minute)).toEqual({ total: 1, bad: 1 });
    expect(countsIn(some, 3 * day, start + 2 * day)).toEqual({ total: 3, bad: 2 });
    expect(countsIn(some, 5 * minute, start + hour)).toEqual({ total: 0, bad: 0 });
  });

  it("takes what comes late, and in any order", () => {
    const inOrder = series(
      [start, true],
      [start + minute, false],
      [start + hour, true],
      [start + hour, false],
    );
    const outOfOrder = series(
      [start + hour, false],
      [start, true],
      [start + hour, true],
      [start + minute, false],
    );
    expect(outOfOrder).toEqual(inOrder);
  });

  it("counts what is too late for the short windows in the long ones", () => {
    const some = series([start + 3 * hour, false], [start, true]);
    expect(countsIn(some, hour, start + 3 * hour)).toEqual({ total: 1, bad: 0 });
    expect(countsIn(some, 6 * hour, start + 3 * hour)).toEqual({ total: 2, bad: 1 });
  });

  it("takes no more room than its buckets, however much happens", () => {
    let busy: Series | undefined;
    for (let at = 0; at < 7 * day; at += 7 * minute) busy = counted(busy, start + at, at % 2 === 0);
    expect(busy?.minutes.length).toBeLessThanOrEqual(61);
    expect(busy?.halfHours.length).toBeLessThanOrEqual(145);
    expect(JSON.stringify(busy).length).toBeLessThan(4_000);
    expect(countsIn(busy!, windowMsMax, start + 7 * day).total).toBeCloseTo((3 * day) / (7 * minute), -1);
  });

  it("is over when nothing of it lies in any window", () => {
    const some = series([start, true]);
    expect(isOver(some, start + 3 * day)).toBe(false);
    expect(isOver(some, start + 3 * day + hour)).toBe(true);
  });
});
