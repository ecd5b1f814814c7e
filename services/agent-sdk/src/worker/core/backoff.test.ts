import { expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

it("doubles from 100 ms to 5 s, and jitter spreads it down to nothing", () => {
  const upper = Array.from({ length: 8 }, (_, attempt) => backoffMs(attempt, 1));
  expect(upper).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(backoffMs(3, 0)).toBe(0);
  expect(backoffMs(3, 0.5)).toBe(400);
  expect(backoffMs(10_000, 1)).toBe(5_000);
});
