/**
 * What an agent has shown in one capability. Counts and sums are halved every `halfLifeRounds`; a round is as
 * many completions as the capability has agents, whichever they are of. So an agent that is avoided is
 * forgiven while others work, at any speed of work and without a clock.
 */
export type TrackRecord = {
  successes: number;
  failures: number;
  /** Of the successes: the sum of log(latency ÷ what the fleet needs for that step type). */
  logSlowdowns: number;
  /** The capability's round at which the sums were last brought up to date. */
  round: number;
};

const halfLifeRounds = 50;

/** As many successes at the fleet's speed are imagined beforehand: one call proves little. */
const successesImagined = 10;

/** As many calls without a failure are imagined beforehand. */
const callsImagined = 3;

/** No single call counts as more than about 20 times slower or quicker. */
const logSlowdownMax = 3;

export function newTrackRecord(round: number): TrackRecord {
  return { successes: 0, failures: 0, logSlowdowns: 0, round };
}

export function addSuccess(record: TrackRecord, round: number, logSlowdown: number): void {
  age(record, round);
  record.successes++;
  record.logSlowdowns += Math.max(-logSlowdownMax, Math.min(logSlowdown, logSlowdownMax));
}

export function addFailure(record: TrackRecord, round: number): void {
  age(record, round);
  record.failures++;
}

/** The logarithm of how many times slower than the fleet it is, shrunk towards 0 by n ÷ (n + 10). */
export function logSlowdown({ successes, logSlowdowns, round: from }: TrackRecord, round: number): number {
  const left = shareLeft(round - from);
  return (logSlowdowns * left) / (successes * left + successesImagined);
}

/** How many successes the slowdown rests on. */
export function samples({ successes, round: from }: TrackRecord, round: number): number {
  return successes * shareLeft(round - from);
}

/** The share of its calls that fail, in [0, 1), shrunk towards 0. */
export function errorRate({ successes, failures, round: from }: TrackRecord, round: number): number {
  const left = shareLeft(round - from);
  return (failures * left) / ((successes + failures) * left + callsImagined);
}

function age(record: TrackRecord, round: number): void {
  const left = shareLeft(round - record.round);
  record.successes *= left;
  record.failures *= left;
  record.logSlowdowns *= left;
  record.round = round;
}

function shareLeft(rounds: number): number {
  return 2 ** (-rounds / halfLifeRounds);
}
