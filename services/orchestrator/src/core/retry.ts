import { type Failure, type FailureCode, isRetryableCode } from "./failure.ts";

/** When a failed step is tried again, and after how long. */
export type RetryPolicy = {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly multiplier: number;
  /** Spread each delay by ±25 %. */
  readonly jitter: boolean;
  /** The codes that are retried, in place of the default classification. */
  readonly on?: readonly FailureCode[];
  /** Codes that are never retried, whatever the failure says of itself. */
  readonly notOn?: readonly FailureCode[];
};

export type RetryPreset = "standard" | "aggressive" | "conservative" | "none";

const standard: RetryPolicy = {
  maxAttempts: 3,
  initialDelayMs: 500,
  maxDelayMs: 5_000,
  multiplier: 2,
  jitter: true,
};

/** The presets by name. `none` has the delays of `standard`, for those who override its attempts. */
export const retryPresets: Readonly<Record<RetryPreset, RetryPolicy>> = {
  standard,
  aggressive: { maxAttempts: 5, initialDelayMs: 1_000, maxDelayMs: 10_000, multiplier: 2, jitter: true },
  conservative: { maxAttempts: 2, initialDelayMs: 1_000, maxDelayMs: 3_000, multiplier: 1.5, jitter: false },
  none: { ...standard, maxAttempts: 1 },
};

/** The policy of a step when neither it nor its workflow names one. */
export const defaultRetry = retryPresets.standard;

/** What a policy that names no preset has in place of what it leaves out. */
export const customRetryBase: RetryPolicy = { ...standard, maxDelayMs: 30_000 };

/** Whether the policy allows another attempt after `attempt` (from 1) ended with this failure. */
export function mayRetry(policy: RetryPolicy, attempt: number, failure: Failure): boolean {
  if (attempt >= policy.maxAttempts) return false;
  if (policy.notOn?.includes(failure.code)) return false;
  if (failure.retryable !== undefined) return failure.retryable;
  return policy.on?.includes(failure.code) ?? isRetryableCode(failure.code);
}

/**
 * How long to wait after `attempt` (from 1) failed. A retry-after given by the server wins, uncapped: the
 * caller knows the execution's deadline. The same attempt id always gives the same delay.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  attempt: number,
  attemptId: string,
  failure: Failure,
): number {
  if (failure.retryAfterMs !== undefined) return failure.retryAfterMs;
  // Capped before it can overflow, so that 0 × Infinity never happens.
  const growth = Math.min(policy.multiplier ** (attempt - 1), Number.MAX_VALUE);
  const spread = policy.jitter ? 0.75 + 0.5 * fractionOf(attemptId) : 1;
  return Math.round(Math.min(policy.maxDelayMs, policy.initialDelayMs * growth * spread));
}

/**
 * A number in [0, 1) that looks random and depends on the text alone: FNV-1a, 32 bit (Fowler, Noll, Vo),
 * then the finaliser of MurmurHash3 (Appleby), because FNV hardly mixes the last characters into the high
 * bits, and attempt ids differ in nothing else.
 */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
