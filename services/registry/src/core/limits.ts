/** What one registry holds at most. */
export type Limits = {
  readonly agentsMax: number;
  readonly watchersMax: number;
  /** Agents whose change one reader has not taken yet. */
  readonly watchPendingMax: number;
  /** Changes that a reader may have missed and still go on without a snapshot. */
  readonly changesKeptMax: number;
  readonly agentsPerMessageMax: number;
  readonly probesInFlightMax: number;
};

export const defaultLimits: Limits = {
  agentsMax: 100_000,
  watchersMax: 1_000,
  watchPendingMax: 100_000,
  changesKeptMax: 10_000,
  agentsPerMessageMax: 1_000,
  probesInFlightMax: 256,
};

/** Replaced incarnations of one agent that are remembered, and so kept from coming back. */
export const replacedMax = 8;

/** Nobody is held up for longer who still says so. */
export const loopLagMsMax = 3_600_000;

export const slotsMax = 10_000;
export const capabilitiesMax = 256;
export const labelsMax = 32;
export const nameLengthMax = 63;
export const idLengthMax = 128;
export const versionLengthMax = 64;
export const labelValueLengthMax = 256;
/** Agents that one request may exclude. */
export const excludedMax = 1_000;
export const pageSizeMax = 1_000;
export const pageSizeDefault = 100;
