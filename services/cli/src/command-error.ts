import { type ExitCode, exitCodes } from "./exit-code.ts";

/** Ends a command. What went wrong in one line, then what to do about it; shown without a stack. */
export class CommandError extends Error {
  readonly hints: readonly string[];
  readonly exitCode: ExitCode;

  constructor(message: string, hints: readonly string[] = [], exitCode: ExitCode = exitCodes.other) {
    super(message);
    this.name = "CommandError";
    this.hints = hints;
    this.exitCode = exitCode;
  }
}

/** A mistake in an argument, an option or a file that was given. */
export function usageError(message: string, ...hints: readonly string[]): CommandError {
  return new CommandError(message, hints, exitCodes.invalid);
}
