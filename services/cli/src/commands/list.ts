import { ListExecutionsResponseSchema } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { command } from "../arguments/command.ts";
import { anyOf, labels, text } from "../arguments/option.ts";
import { pageOf, pagingOptions, tellMore } from "../arguments/paging.ts";
import { parseSince } from "../arguments/since.ts";
import { exitCodes } from "../exit-code.ts";
import { executionTable } from "../render/execution-table.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";

const statuses = {
  running: ExecutionStatus.RUNNING,
  paused: ExecutionStatus.PAUSED,
  succeeded: ExecutionStatus.SUCCEEDED,
  failed: ExecutionStatus.FAILED,
  cancelled: ExecutionStatus.CANCELLED,
  pending: ExecutionStatus.PENDING,
} as const;
const statusNames = Object.keys(statuses) as (keyof typeof statuses)[];

/** `weft list`: executions, newest first. */
export const listCommand = command({
  name: "list",
  group: "Executions:",
  summary: "List executions, newest first",
  arguments: {},
  options: {
    workflow: text("name", "only of this workflow"),
    status: anyOf("status", statusNames, "only those that are"),
    label: labels("only those with all these labels"),
    since: text("time", "only those started since: 10m, 2h, 3d or a date"),
    ...pagingOptions,
  },
  examples: [
    ["weft list --status running", "what is going on"],
    ["weft list --workflow report --since 1d", "the last day of one workflow"],
    ["weft list --status failed,cancelled -o json", "for a program"],
  ],
  async run({ options }, context) {
    const { connection, namespace, clock, out, form } = context;
    const { workflow = "", status, label, since } = options;
    const startedAfter = since === undefined ? undefined : parseSince(since, clock.now());
    const filter = {
      workflow,
      statuses: status.map((name) => statuses[name]),
      labels: { ...label },
      ...(startedAfter ? { startedAfter } : {}),
    };
    const response = await connection
      .orchestrator()
      .call((client, callOptions) =>
        client.listExecutions({ namespace, filter, ...pageOf(options) }, callOptions),
      );
    if (form === "json") writeDocument(out, ListExecutionsResponseSchema, response);
    else {
      writeLines(out, executionTable(response.executions, clock.now(), columnsOf(out)));
      tellMore("weft list", response.nextPageToken, context);
    }
    return exitCodes.succeeded;
  },
});
