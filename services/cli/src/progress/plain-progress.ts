import type { Clock } from "@weft/runtime/clock";
import { eventLine } from "../render/event-line.ts";
import { type Line, lineOf, spanOf } from "../render/line.ts";
import { durationText, timeOfDay } from "../render/time.ts";
import { type Screen, writeLines } from "../terminal/screen.ts";
import { type ExecutionView, hasEnded } from "./execution-view.ts";
import type { ProgressScreen } from "./progress-screen.ts";

/** Progress of one step is told no more often. */
const progressMsMin = 1_000;

/** A line for each thing as it happens, for files, pipes and logs. */
export function plainProgress(screen: Screen, clock: Clock, view: ExecutionView): ProgressScreen {
  const toldAt = new Map<string, number>();
  const told = new Map<string, string>();
  const say = (line: Line): void => writeLines(screen, [line]);
  return {
    happened: (event) => {
      if (event.event.case !== "stepProgressed") return say(eventLine(event));
      const { stepId } = event.event.value;
      const now = clock.monotonic();
      if (now - (toldAt.get(stepId) ?? Number.NEGATIVE_INFINITY) < progressMsMin) return;
      toldAt.set(stepId, now);
      say(eventLine(event));
    },
    waiting: (reasons) => {
      for (const { id, capability, state } of view.steps.values()) {
        const reason = reasons.get(capability);
        if (state.status !== "queued" || reason === undefined || told.get(id) === reason) continue;
        told.set(id, reason);
        say([
          spanOf(`${timeOfDay(clock.now())}  `, "dim"),
          spanOf(`${id}  `, "bold"),
          spanOf(reason, "yellow"),
        ]);
      }
    },
    notice: (text) => say(lineOf(text, "yellow")),
    connection: (lost) => say(lineOf(lost ?? "connected again", "yellow")),
    close: () => {
      if (hasEnded(view)) say(lineOf(endText(view)));
    },
  };
}

function endText({
  workflow,
  version,
  state,
  startedMs = 0,
  endedMs = 0,
  executionId,
}: ExecutionView): string {
  return `${workflow} v${version} ${state.status} in ${durationText(endedMs - startedMs)}  ${executionId}`;
}
