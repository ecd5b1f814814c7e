import { Code } from "@weft/runtime/grpc";

/** How the process ends, for scripts. Part of the interface: never renumber. */
export const exitCodes = {
  /** It worked; of an execution: it succeeded. */
  succeeded: 0,
  /** The execution failed. */
  failed: 1,
  /** A mistake in the definition, an argument or an option. */
  invalid: 2,
  /** The execution was cancelled. */
  cancelled: 3,
  /** Everything else: not reachable, not found, refused, left before the end. */
  other: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code for a call that was refused. */
export function exitCodeOf(code: Code): ExitCode {
  return code === Code.INVALID_ARGUMENT || code === Code.OUT_OF_RANGE ? exitCodes.invalid : exitCodes.other;
}
