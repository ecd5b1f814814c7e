import type { StepContext } from "@weft/agent-sdk";

/** What the work of a step needs of its context: when to stop, and whom to tell how far it is. */
export type StepControls = Pick<StepContext, "signal" | "progress">;

/** The stretch of a step's progress that one part of its work fills. */
export interface ProgressSpan {
  readonly from: number;
  readonly to: number;
  readonly total: number;
  message(done: number): string;
}

/** Turns "one more is done" into progress calls: one per percent, however many items there are. */
export function countProgress(controls: StepControls, span: ProgressSpan): () => void {
  let done = 0;
  let told = -1;
  return () => {
    done += 1;
    const fraction = span.from + (span.to - span.from) * Math.min(1, done / span.total);
    const percent = Math.floor(fraction * 100);
    if (percent === told) return;
    told = percent;
    controls.progress(fraction, span.message(done));
  };
}
