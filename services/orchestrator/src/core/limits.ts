/** What a definition may be at most. All of them are settings; what no setting moves is in definition-limits.ts. */
export type DefinitionLimits = {
  readonly stepsMax: number;
  /** As compact JSON, in UTF-8; of a document, as it was sent. */
  readonly definitionBytesMax: number;
  /** Of a workflow, of a start, and of an execution that has those of both. */
  readonly labelsMax: number;
  /** Of what stands between `${` and `}`; the parser has a ceiling of its own. */
  readonly expressionLengthMax: number;
  /** Steps that may wait for one step: each of its ends looks at all of them. */
  readonly fanOutMax: number;
};

/** What an execution may hold at most. */
export type ExecutionLimits = {
  /** One input or output, or the variables of the workflow or of one step; as JSON text in UTF-8. */
  readonly payloadBytesMax: number;
  /** A payload above this is taken, and warned of. */
  readonly payloadBytesWarn: number;
  /** All payloads of one execution together. */
  readonly executionBytesMax: number;
};

export const defaultDefinitionLimits: DefinitionLimits = {
  stepsMax: 10_000,
  definitionBytesMax: 1024 * 1024,
  labelsMax: 32,
  expressionLengthMax: 1_000,
  fanOutMax: 10_000,
};

export const defaultExecutionLimits: ExecutionLimits = {
  payloadBytesMax: 1024 * 1024,
  payloadBytesWarn: 256 * 1024,
  executionBytesMax: 64 * 1024 * 1024,
};

/** For a definition that was accepted under the limits of its day: a lower one now must not lose it. */
export const unboundedDefinitionLimits: DefinitionLimits = {
  stepsMax: Number.POSITIVE_INFINITY,
  definitionBytesMax: Number.POSITIVE_INFINITY,
  labelsMax: Number.POSITIVE_INFINITY,
  expressionLengthMax: Number.POSITIVE_INFINITY,
  fanOutMax: Number.POSITIVE_INFINITY,
};
