import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { applyEvent } from "../progress/apply-event.ts";
import type { ExecutionView } from "../progress/execution-view.ts";
import { storyId } from "./story.ts";

/** A view of steps such as "report < measure check" (it waits for those), before the first event. */
export function viewOf(...steps: readonly string[]): ExecutionView {
  const parsed = steps.map((step) => {
    const [id = "", ...dependencies] = step.split(/ < | /);
    return { id, capability: `repo.${id}`, dependencies, attempt: 0, state: { status: "pending" } as const };
  });
  return {
    executionId: storyId,
    workflow: "report",
    version: 1,
    state: { status: "running" },
    steps: new Map(parsed.map((step) => [step.id, step])),
  };
}

/** The view after these events. */
export function after(view: ExecutionView, events: readonly Event[]): ExecutionView {
  for (const event of events) applyEvent(view, event);
  return view;
}
