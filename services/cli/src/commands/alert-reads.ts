import {
  AlertSchema,
  GetAlertResponseSchema,
  ListAlertsResponseSchema,
  ListRulesResponseSchema,
  ListSilencesResponseSchema,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import { pageOf, tellMore } from "../arguments/paging.ts";
import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { followAlerts } from "../progress/follow-alerts.ts";
import { tellConnection, untilInterrupted } from "../progress/following.ts";
import { alertLine, alertLines } from "../render/alert-lines.ts";
import { alertTable } from "../render/alert-table.ts";
import { ruleLines } from "../render/rule-table.ts";
import { silenceTable } from "../render/silence-table.ts";
import { writeDocument, writeRecord } from "../terminal/json-output.ts";
import { columnsOf, writeLines } from "../terminal/screen.ts";
import { type FilterOptions, filterOf } from "./alert-filter.ts";

type Paging = Parameters<typeof pageOf>[0];

/** `weft alerts list` */
export async function listAlerts(options: FilterOptions & Paging, context: Context): Promise<ExitCode> {
  const { connection, clock, out, form } = context;
  const request = { filter: filterOf(options), ...pageOf(options) };
  const response = await connection.alerts().call((client, call) => client.listAlerts(request, call));
  if (form === "json") writeDocument(out, ListAlertsResponseSchema, response);
  else {
    const { alerts, failedNotifications, nextPageToken } = response;
    writeLines(out, alertTable(alerts, failedNotifications, clock.now(), columnsOf(out)));
    tellMore("weft alerts", nextPageToken, context);
  }
  return exitCodes.succeeded;
}

/** `weft alerts watch`: until Ctrl-C. */
export async function watchAlerts(options: FilterOptions & Paging, context: Context): Promise<ExitCode> {
  if (options.limit !== undefined || options.pageToken !== undefined)
    throw usageError("--limit and --page-token are for lists");
  const { connection, clock, out, form } = context;
  await untilInterrupted(context, async (signal) => {
    const ports = { alerts: connection.alerts(), clock, signal };
    for await (const followed of followAlerts(filterOf(options), ports)) {
      if (followed.kind !== "alert") tellConnection(followed, context);
      else if (form === "json") writeRecord(out, AlertSchema, followed.alert);
      else writeLines(out, [alertLine(followed.alert, clock.now())]);
    }
  });
  return exitCodes.succeeded;
}

/** `weft alerts show` */
export async function showAlert(alert: string, context: Context): Promise<ExitCode> {
  const { connection, out, form } = context;
  const response = await connection.alerts().call((client, call) => client.getAlert({ alert }, call));
  if (form === "json") writeDocument(out, GetAlertResponseSchema, response);
  else writeLines(out, alertLines(response, columnsOf(out)));
  return exitCodes.succeeded;
}

/** `weft alerts silences` */
export async function listSilences(
  options: Paging & { readonly expired: boolean },
  context: Context,
): Promise<ExitCode> {
  const { connection, clock, out, form } = context;
  const request = { withExpired: options.expired, ...pageOf(options) };
  const response = await connection.alerts().call((client, call) => client.listSilences(request, call));
  if (form === "json") writeDocument(out, ListSilencesResponseSchema, response);
  else {
    writeLines(out, silenceTable(response.silences, clock.now(), columnsOf(out)));
    tellMore("weft alerts silences", response.nextPageToken, context);
  }
  return exitCodes.succeeded;
}

/** `weft alerts rules` */
export async function listRules(context: Context): Promise<ExitCode> {
  const { connection, clock, out, form } = context;
  const response = await connection.alerts().call((client, call) => client.listRules({}, call));
  if (form === "json") writeDocument(out, ListRulesResponseSchema, response);
  else writeLines(out, ruleLines(response, clock.now(), columnsOf(out)));
  return exitCodes.succeeded;
}
