import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";

/** The last event of an execution. */
export function isTerminal({ event }: Event): boolean {
  return (
    event.case === "executionSucceeded" ||
    event.case === "executionFailed" ||
    event.case === "executionCancelled"
  );
}
