import { expect, test } from "vitest";
import { formatBytes, formatNumber, formatShare, formatTime, plural } from "./numbers.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [95_832, "95.8 kB"],
  [999_499, "999 kB"],
  [999_600, "1 MB"],
  [12_345_678_901, "12.3 GB"],
])("%i bytes are %s", (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

test.each([
  [0, 10, "0%"],
  [0, 0, "0%"],
  [1, 1_000, "< 1%"],
  [1, 3, "33%"],
  [999, 1_000, "99%"],
  [10, 10, "100%"],
])("%i of %i is %s", (part, total, expected) => {
  expect(formatShare(part, total)).toBe(expected);
});

test("numbers, plurals and times read as in English", () => {
  expect(formatNumber(1_234_567)).toBe("1,234,567");
  expect([plural(0, "file"), plural(1, "file"), plural(2_000, "file")]).toEqual([
    "0 files",
    "1 file",
    "2,000 files",
  ]);
  expect(formatTime("2026-01-02T23:04:05.678Z")).toBe("2 January 2026, 23:04 UTC");
});
