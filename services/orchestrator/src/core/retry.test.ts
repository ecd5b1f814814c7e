import { describe, expect, it } from "vitest";
import type { Failure } from "./failure.ts";
import { customRetryBase, mayRetry, type RetryPolicy, retryDelayMs, retryPresets } from "./retry.ts";

const unavailable: Failure = { code: "UNAVAILABLE", message: "gone" };
const badInput: Failure = { code: "INVALID_ARGUMENT", message: "no" };
const { standard, aggressive, conservative, none } = retryPresets;

describe("mayRetry", () => {
  it("counts the first attempt: three attempts are two retries", () => {
    expect([1, 2, 3].map((attempt) => mayRetry(standard, attempt, unavailable))).toEqual([true, true, false]);
    expect(mayRetry(none, 1, unavailable)).toBe(false);
  });

  it("goes by the code when the failure does not say", () => {
    expect(mayRetry(standard, 1, unavailable)).toBe(true);
    expect(mayRetry(standard, 1, badInput)).toBe(false);
  });

  it("believes a failure that says whether it may pass", () => {
    expect(mayRetry(standard, 1, { ...badInput, retryable: true })).toBe(true);
    expect(mayRetry(standard, 1, { ...unavailable, retryable: false })).toBe(false);
  });

  it("takes the codes of `on` in place of the default ones", () => {
    const policy: RetryPolicy = { ...standard, on: ["NOT_FOUND"] };
    expect(mayRetry(policy, 1, { code: "NOT_FOUND", message: "" })).toBe(true);
    expect(mayRetry(policy, 1, unavailable)).toBe(false);
  });

  it("never retries the codes of `notOn`, whatever the failure says", () => {
    const policy: RetryPolicy = { ...standard, on: ["UNAVAILABLE"], notOn: ["UNAVAILABLE"] };
    expect(mayRetry(policy, 1, { ...unavailable, retryable: true })).toBe(false);
  });
});

describe("retryDelayMs", () => {
  const delays = (policy: RetryPolicy, attempts: number) =>
    Array.from({ length: attempts }, (_, index) =>
      retryDelayMs(policy, index + 1, `e/s/${index + 1}`, unavailable),
    );

  it("grows by the multiplier up to the longest delay", () => {
    expect(delays({ ...aggressive, jitter: false }, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    expect(delays(conservative, 4)).toEqual([1_000, 1_500, 2_250, 3_000]);
  });

  it("has a longest delay of 30 s when a custom policy names none", () => {
    expect(delays({ ...customRetryBase, jitter: false }, 9).at(-1)).toBe(30_000);
  });

  it("spreads by a quarter to both sides, evenly over attempt ids that differ in a digit", () => {
    const spread = Array.from({ length: 1_000 }, (_, index) =>
      retryDelayMs(aggressive, 1, `9f2c/collect/${index}`, unavailable),
    );
    expect(Math.min(...spread)).toBeGreaterThanOrEqual(750);
    expect(Math.max(...spread)).toBeLessThanOrEqual(1_250);
    for (const from of [750, 850, 950, 1_050, 1_150]) {
      const share = spread.filter((delay) => delay >= from && delay < from + 100).length;
      expect(share).toBeGreaterThan(150);
      expect(share).toBeLessThan(250);
    }
  });

  it("spreads before the cap: nothing is longer than the longest delay", () => {
    for (const delay of delays(standard, 50).slice(5)) expect(delay).toBe(5_000);
  });

  it("is the same for the same attempt id", () => {
    expect(retryDelayMs(standard, 2, "e/s/2", unavailable)).toBe(
      retryDelayMs(standard, 2, "e/s/2", unavailable),
    );
  });

  it("obeys a retry-after, be it shorter or longer than the policy's delay", () => {
    expect(retryDelayMs(standard, 1, "a", { ...unavailable, retryAfterMs: 7 })).toBe(7);
    expect(retryDelayMs(standard, 1, "a", { ...unavailable, retryAfterMs: 90_000 })).toBe(90_000);
  });

  it("stays a number for any attempt", () => {
    expect(retryDelayMs({ ...standard, initialDelayMs: 0 }, 5_000, "a", unavailable)).toBe(0);
    expect(retryDelayMs(standard, 5_000, "a", unavailable)).toBe(5_000);
  });
});
