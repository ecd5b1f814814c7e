import { EventSchema } from "@weft/proto/weft/workflow/v1/event_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { command, optional } from "../arguments/command.ts";
import { flag, integer, labels, text } from "../arguments/option.ts";
import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { type Followed, followExecution } from "../progress/follow-execution.ts";
import { followExecutions, type WatchTarget } from "../progress/follow-executions.ts";
import { tellConnection, untilInterrupted } from "../progress/following.ts";
import { openView } from "../progress/open-view.ts";
import { exitCodeOf, printResult } from "../progress/result.ts";
import { showExecution } from "../progress/show-execution.ts";
import { viewOfExecution } from "../progress/view-of-execution.ts";
import { eventLine } from "../render/event-line.ts";
import { lineOf, spanOf } from "../render/line.ts";
import { writeRecord } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";

/** `weft watch`: one execution to its end, or all that match. */
export const watchCommand = command({
  name: "watch",
  group: "Executions:",
  summary: "Watch an execution to its end, or many",
  details: `With an id: live progress, the result, and the exit code of weft run. Without one: the events of all that
match, from now on, until Ctrl-C. A broken connection is made again, and nothing is missed.`,
  arguments: { execution: optional("its id; without it, all that match") },
  options: {
    workflow: text("name", "only executions of this workflow"),
    label: labels("only executions with all these labels"),
    ended: flag("only the event that ends each execution"),
    after: integer("sequence", "with an id and -o json: only events behind this one", {
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
    }),
  },
  examples: [
    ["weft watch 000-0mf3k9x2a-1f9c…", "a tree of its steps, then its result"],
    ["weft watch --workflow report", "every event of every execution of a workflow"],
    ["weft watch --label team=docs --ended -o json", "one line for each that ends"],
  ],
  async run({ arguments: { execution }, options }, context) {
    const { workflow, label, ended, after = 0 } = options;
    if (execution !== undefined && (workflow !== undefined || Object.keys(label).length > 0 || ended))
      throw usageError("an id names one execution: --workflow, --label and --ended are for watching many");
    if (execution === undefined)
      return watchMany({ workflow: workflow ?? "", labels: label, terminalOnly: ended }, context);
    return context.form === "json"
      ? recordOne(execution, BigInt(after), context)
      : watchOne(execution, context);
  },
});

async function watchOne(executionId: string, context: Context): Promise<ExitCode> {
  const view = await openView(executionId, context);
  let hasLeft = false;
  await showExecution(view, context, {
    footer: "Ctrl-C leaves; it goes on",
    onInterrupt: (_count, control) => {
      hasLeft = true;
      control.leave();
    },
  });
  if (!hasLeft) return printResult(view, context);
  writeLines(context.err, [lineOf(`left; it goes on. To come back: weft watch ${executionId}`, "dim")]);
  return exitCodes.other;
}

async function recordOne(executionId: string, afterSequence: bigint, context: Context): Promise<ExitCode> {
  const { namespace, connection, clock } = context;
  const orchestrator = connection.orchestrator();
  await untilInterrupted(context, async (signal) => {
    const target = { namespace, executionId, afterSequence, payloads: PayloadForm.JSON };
    for await (const followed of followExecution(target, { orchestrator, clock, signal }))
      tell(followed, context);
  });
  const { execution } = await orchestrator.call((client, options) =>
    client.getExecution({ namespace, executionId, payloads: PayloadForm.OMIT }, options),
  );
  return execution ? exitCodeOf(viewOfExecution(execution, undefined).state.status) : exitCodes.other;
}

type Filter = Pick<WatchTarget, "workflow" | "labels" | "terminalOnly">;

async function watchMany(filter: Filter, context: Context): Promise<ExitCode> {
  const { namespace, connection, clock, form } = context;
  const payloads = form === "json" ? PayloadForm.JSON : PayloadForm.OMIT;
  await untilInterrupted(context, async (signal) => {
    const ports = { orchestrator: connection.orchestrator(), clock, signal };
    for await (const followed of followExecutions({ namespace, ...filter, payloads }, ports))
      tell(followed, context);
  });
  return exitCodes.succeeded;
}

function tell(followed: Followed, context: Context): void {
  const { out, form } = context;
  switch (followed.kind) {
    case "event":
      if (form === "json") writeRecord(out, EventSchema, followed.event);
      else
        writeLines(out, [[spanOf(`${followed.event.executionId}  `, "dim"), ...eventLine(followed.event)]]);
      return;
    default:
      tellConnection(followed, context);
  }
}
