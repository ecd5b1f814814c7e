import {
  ListWorkflowsResponseSchema,
  type WorkflowSummary,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { command } from "../arguments/command.ts";
import { pageOf, pagingOptions, tellMore } from "../arguments/paging.ts";
import { exitCodes } from "../exit-code.ts";
import { type Line, lineOf } from "../render/line.ts";
import { tableLines } from "../render/table.ts";
import { agoText, msOf } from "../render/time.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";

const table = [
  { title: "WORKFLOW", widthMin: 12 },
  { title: "LATEST", align: "right" },
  { title: "REGISTERED", align: "right" },
  { title: "BY", widthMin: 6 },
] as const;

/** `weft workflows`: what is registered. */
export const workflowsCommand = command({
  name: "workflows",
  group: "Definitions:",
  summary: "List the registered workflows, by name",
  arguments: {},
  options: pagingOptions,
  examples: [["weft workflows", "each with its newest version"]],
  async run({ options }, context) {
    const { connection, namespace, clock, out, form } = context;
    const response = await connection
      .orchestrator()
      .call((client, callOptions) => client.listWorkflows({ namespace, ...pageOf(options) }, callOptions));
    if (form === "json") writeDocument(out, ListWorkflowsResponseSchema, response);
    else {
      const rows = response.workflows.map((workflow) => row(workflow, clock.now()));
      const lines = tableLines(table, rows, columnsOf(out));
      writeLines(
        out,
        rows.length > 0 ? lines : [lineOf("no workflows; register one: weft register FILE", "dim")],
      );
      tellMore("weft workflows", response.nextPageToken, context);
    }
    return exitCodes.succeeded;
  },
});

function row(
  { name, latestVersion, createTime, createdBy }: WorkflowSummary,
  nowMs: number,
): readonly Line[] {
  return [
    lineOf(name, "bold"),
    lineOf(`v${latestVersion}`),
    lineOf(agoText(nowMs - (msOf(createTime) ?? nowMs))),
    lineOf(createdBy, "dim"),
  ];
}
