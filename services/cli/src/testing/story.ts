import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Event, EventSchema } from "@weft/proto/weft/workflow/v1/event_pb";

export const storyId = "000-0mf3k9x2a-1f9c2e4b6a8d0c1e";
/** When the first event of a story happens; local time, so that a reader sees 12:00:00. */
export const storyStartMs = new Date(2030, 0, 31, 12, 0, 0).getTime();

type Told = NonNullable<MessageInitShape<typeof EventSchema>["event"]>;

/** An event, so many milliseconds after the start. */
export type Moment = readonly [afterMs: number, event: Told];

/** Events of one execution, in order. */
export function story(...told: readonly Moment[]): readonly Event[] {
  let sequence = 0n;
  return told.map(([afterMs, event]) =>
    create(EventSchema, {
      executionId: storyId,
      // Progress is ephemeral.
      sequence: event.case === "stepProgressed" ? 0n : ++sequence,
      time: timestampFromMs(storyStartMs + afterMs),
      event,
    }),
  );
}

export function started(workflow = "report"): Told {
  return { case: "executionStarted", value: { workflow, workflowVersion: 1, createdBy: "ada" } };
}

export function stepStarted(stepId: string, agentId = "agent-1", attempt = 1): Told {
  return { case: "stepStarted", value: { stepId, agentId, attempt, send: attempt } };
}

export function stepSucceeded(stepId: string): Told {
  return { case: "stepSucceeded", value: { stepId, attempt: 1, send: 1 } };
}

export function succeeded(): Told {
  return { case: "executionSucceeded", value: {} };
}
