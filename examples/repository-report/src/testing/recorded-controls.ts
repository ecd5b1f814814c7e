import type { StepControls } from "../step-controls.ts";

/** Controls that keep what they were told. */
export interface RecordedControls extends StepControls {
  readonly fractions: number[];
  readonly messages: string[];
}

/** Controls of a step that nobody cancels, unless a signal says so. */
export function recordedControls(signal: AbortSignal = new AbortController().signal): RecordedControls {
  const fractions: number[] = [];
  const messages: string[] = [];
  return {
    signal,
    fractions,
    messages,
    progress: (fraction, message) => {
      fractions.push(fraction);
      messages.push(message ?? "");
    },
  };
}
