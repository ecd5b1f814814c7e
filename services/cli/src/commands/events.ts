import { type Event, EventSchema } from "@weft/proto/weft/workflow/v1/event_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { command, required } from "../arguments/command.ts";
import { integer } from "../arguments/option.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { eventLine } from "../render/event-line.ts";
import { type Line, spanOf } from "../render/line.ts";
import { writeRecord } from "../terminal/json-output.ts";
import { writeWrapped } from "../terminal/screen.ts";

const pageSize = 1_000;
const sequenceColumns = 5;
const textIndent = sequenceColumns + 4;

/** `weft events`: the history of an execution. */
export const eventsCommand = command({
  name: "events",
  group: "Executions:",
  summary: "Print the history of an execution",
  details: "Every fact that was recorded, oldest first. With -o json one event a line, payloads included.",
  arguments: { execution: required("its id") },
  options: {
    after: integer("sequence", "only those behind this one", { min: 0, max: Number.MAX_SAFE_INTEGER }),
  },
  examples: [
    ["weft events 000-0mf3k9x2a-1f9c…", "from the beginning"],
    ["weft events 000-0mf3k9x2a-1f9c… --after 40 -o json", "the rest, for a program"],
  ],
  async run({ arguments: { execution }, options: { after = 0 } }, context) {
    for await (const event of historyOf(execution, BigInt(after), context)) {
      if (context.form === "json") writeRecord(context.out, EventSchema, event);
      else writeWrapped(context.out, [numbered(event)], textIndent);
    }
    return exitCodes.succeeded;
  },
});

/** The events behind a sequence, page by page. */
async function* historyOf(
  executionId: string,
  after: bigint,
  { connection, namespace, form }: Context,
): AsyncGenerator<Event> {
  const payloads = form === "json" ? PayloadForm.JSON : PayloadForm.OMIT;
  const { call } = connection.orchestrator();
  for (let afterSequence = after; ; ) {
    const request = { namespace, executionId, afterSequence, pageSize, payloads };
    const { events, more } = await call((client, options) => client.listEvents(request, options));
    yield* events;
    if (!more && events.length < pageSize) return;
    afterSequence = events.at(-1)!.sequence;
  }
}

function numbered(event: Event): Line {
  return [spanOf(`${String(event.sequence).padStart(sequenceColumns)}  `, "dim"), ...eventLine(event)];
}
