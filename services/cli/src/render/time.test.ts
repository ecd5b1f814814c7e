import { describe, expect, it } from "vitest";
import { agoText, dateTime, durationText, timeOfDay } from "./time.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe("times for people", () => {
  it("have the two units that matter", () => {
    const texts = [
      0,
      42,
      99,
      100,
      1_240,
      59_940,
      59_951,
      61 * second,
      59 * minute + 59_600,
      2 * hour + 5 * minute,
    ]
      .concat(23 * hour + 59.6 * minute, 3 * day + 4 * hour)
      .map(durationText);
    expect(texts).toEqual([
      "0 ms",
      "42 ms",
      "99 ms",
      "0.1 s",
      "1.2 s",
      "59.9 s",
      "1 m 00 s",
      "1 m 01 s",
      "1 h 00 m",
      "2 h 05 m",
      "1 d 00 h",
      "3 d 04 h",
    ]);
  });

  it("never run backwards", () => {
    expect([durationText(-500), agoText(-500)]).toEqual(["0 ms", "now"]);
  });

  it("say how long ago something was", () => {
    expect([400, 12 * second, 3 * minute, 2 * hour, 5 * day].map(agoText)).toEqual([
      "now",
      "12 s ago",
      "3 m ago",
      "2 h ago",
      "5 d ago",
    ]);
  });

  it("are the reader's", () => {
    const at = new Date(2030, 0, 31, 8, 5, 7, 9).getTime();
    expect([timeOfDay(at), dateTime(at)]).toEqual(["08:05:07.009", "2030-01-31 08:05:07"]);
  });
});
