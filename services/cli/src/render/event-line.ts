import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { eventText } from "./event-text.ts";
import { type Line, padLine, spanOf } from "./line.ts";
import { msOf, timeOfDay } from "./time.ts";

/** Short steps line up; a longer one just takes its room. */
const subjectColumns = 12;

/** When, which step, what. */
export function eventLine(event: Event): Line {
  const { subject, text, style } = eventText(event);
  return [
    spanOf(`${timeOfDay(msOf(event.time) ?? 0)}  `, "dim"),
    ...padLine([subject === "" ? spanOf("execution", "dim") : spanOf(subject, "bold")], subjectColumns),
    { text: "  " },
    spanOf(text, style),
  ];
}
