import { describe, expect, it } from "vitest";
import { durationMsMax, formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  it.each([
    ["90s", 90_000],
    ["500ms", 500],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1m500ms", 60_500],
    ["0s", 0],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, ms });
  });

  it.each(["", "90", "s", "-1s", "1.5s", "1s 500ms", "30m1h", "1s1s", "10 m", "1S", "∞", "1".repeat(400)])(
    "refuses %j",
    (text) => {
      expect(parseDuration(text)).toMatchObject({ ok: false });
    },
  );

  it("refuses what is longer than ten years, however it is written", () => {
    expect(parseDuration("3650d")).toEqual({ ok: true, ms: durationMsMax });
    expect(parseDuration("3650d1ms")).toEqual({ ok: false, message: "must not be longer than 3650d" });
    expect(parseDuration("999999999999999d")).toMatchObject({ ok: false });
  });
});

describe("formatDuration", () => {
  it("writes what parseDuration reads back", () => {
    for (const ms of [
      0,
      1,
      999,
      1_000,
      1_001,
      59_999,
      90_000,
      3_600_000,
      86_400_000,
      90_061_001,
      durationMsMax,
    ]) {
      expect(parseDuration(formatDuration(ms))).toEqual({ ok: true, ms });
    }
  });

  it("leaves out the units that are zero", () => {
    expect([0, 90_000, 5_400_000, 86_400_001].map(formatDuration)).toEqual(["0s", "1m30s", "1h30m", "1d1ms"]);
  });
});
