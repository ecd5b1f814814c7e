import { describe, expect, it } from "vitest";
import { addFailure, addSuccess, errorRate, logSlowdown, newTrackRecord, samples } from "./track-record.ts";

const twice = Math.log(2);

describe("a track record", () => {
  it("says nothing of an agent that has shown nothing", () => {
    expect([logSlowdown(newTrackRecord(0), 0), errorRate(newTrackRecord(0), 0)]).toEqual([0, 0]);
  });

  it("believes n calls as far as n ÷ (n + 10)", () => {
    const record = newTrackRecord(0);
    addSuccess(record, 0, twice);
    expect(logSlowdown(record, 0)).toBeCloseTo(twice / 11);
    for (let n = 1; n < 90; n++) addSuccess(record, 0, twice);
    expect(logSlowdown(record, 0)).toBeCloseTo(twice * 0.9);
  });

  it("takes one failure for an accident and many for a habit", () => {
    const record = newTrackRecord(0);
    addFailure(record, 0);
    expect(errorRate(record, 0)).toBeCloseTo(1 / 4);
    for (let n = 1; n < 27; n++) addFailure(record, 0);
    expect(errorRate(record, 0)).toBeCloseTo(0.9);
    for (let n = 0; n < 30; n++) addSuccess(record, 0, 0);
    expect(errorRate(record, 0)).toBeCloseTo(27 / 60);
  });

  it("counts half after fifty rounds, whether or not it was looked at in between", () => {
    const [looked, left] = [newTrackRecord(0), newTrackRecord(0)];
    for (const record of [looked, left])
      for (let n = 0; n < 20; n++) {
        addSuccess(record, 0, twice);
        addFailure(record, 0);
      }
    addSuccess(looked, 25, 0);
    expect(errorRate(left, 50)).toBeCloseTo(10 / 23);
    expect(logSlowdown(left, 50)).toBeCloseTo(twice / 2);
    expect(samples(left, 50)).toBeCloseTo(10);
    expect(errorRate(looked, 50)).toBeCloseTo(10 / (20 + Math.SQRT1_2 + 3));
  });

  it("is not decided by a single call", () => {
    const [slow, normal] = [newTrackRecord(0), newTrackRecord(0)];
    addSuccess(slow, 0, 1e9);
    addSuccess(normal, 0, 3);
    expect(logSlowdown(slow, 0)).toBe(logSlowdown(normal, 0));
  });
});
