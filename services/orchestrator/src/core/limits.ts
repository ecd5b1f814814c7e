/** What bounds the data of an execution, in bytes of JSON text as UTF-8. */
export type ExecutionLimits = {
  /** Of one input or output. */
  readonly payloadBytesMax: number;
  /** From here on an input or output is worth a warning. */
  readonly payloadBytesWarn: number;
  /** Of all inputs and outputs of an execution together, its result included. */
  readonly executionBytesMax: number;
};

export const defaultExecutionLimits: ExecutionLimits = {
  payloadBytesMax: 1024 * 1024,
  payloadBytesWarn: 256 * 1024,
  executionBytesMax: 64 * 1024 * 1024,
};
