/** Cancels what was armed; harmless when it has already run. */
export type CancelTimer = () => void;

/** The only source of time outside `main.ts`. */
export type Clock = {
  /** Milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`, which may exceed what setTimeout can hold. */
  after(delayMs: number, run: () => void): CancelTimer;
};

/** setTimeout overflows at 24.8 days; an hour also bounds the error after a suspended machine wakes up. */
const sliceMsMax = 3_600_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: afterInSlices,
};

function afterInSlices(delayMs: number, run: () => void): CancelTimer {
  const dueAt = performance.now() + delayMs;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const left = dueAt - performance.now();
    timer = left > sliceMsMax ? setTimeout(arm, sliceMsMax) : setTimeout(run, Math.max(0, left));
  };
  arm();
  return () => clearTimeout(timer);
}
