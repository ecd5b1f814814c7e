import { timestampMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { parseSince } from "./since.ts";

const now = Date.UTC(2030, 0, 31, 12);

it("goes back from now, or takes a date", () => {
  const since = (given: string): number => timestampMs(parseSince(given, now));
  expect(now - since("90s")).toBe(90_000);
  expect(now - since("10m")).toBe(600_000);
  expect(now - since("2h")).toBe(7_200_000);
  expect(now - since("3d")).toBe(259_200_000);
  expect(since("2030-01-30T08:00Z")).toBe(Date.UTC(2030, 0, 30, 8));
});

it("refuses what it can't read", () => {
  for (const given of ["x", "10", "10 m", "-1h", "7", "2030-13-45"])
    expect(() => parseSince(given, now)).toThrowError(`--since ${given}: expected a time such as 10m`);
});
