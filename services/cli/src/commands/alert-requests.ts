import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  AcknowledgeAlertResponseSchema,
  CreateSilenceResponseSchema,
  ExpireSilenceResponseSchema,
  type Silence,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import { parseLength } from "../arguments/since.ts";
import { usageError } from "../command-error.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { matchersText } from "../render/alert-words.ts";
import { lineOf } from "../render/line.ts";
import { dateTime, msOf } from "../render/time.ts";
import { writeDocument } from "../terminal/json-output.ts";
import { writeLines } from "../terminal/screen.ts";
import { matchersOf } from "./alert-filter.ts";

type Author = { readonly by: string | undefined; readonly comment: string | undefined };

/** `weft alerts ack` */
export async function acknowledge(alert: string, author: Author, context: Context): Promise<ExitCode> {
  const { connection, out, form } = context;
  const request = { requestId: randomUUID(), alert, ...authorOf(author, context) };
  const response = await connection.alerts().call((client, call) => client.acknowledgeAlert(request, call));
  if (form === "json") writeDocument(out, AcknowledgeAlertResponseSchema, response);
  else {
    const by = response.alert?.acknowledgement?.by ?? "";
    writeLines(out, [lineOf(`${alert} is taken on by ${by}, and escalates no more`)]);
  }
  return exitCodes.succeeded;
}

type SilenceOptions = Author & {
  readonly match: Readonly<Record<string, string>>;
  readonly for: string | undefined;
};

/** `weft alerts silence`: what matches, or one alert whenever it fires. */
export async function createSilence(
  alert: string | undefined,
  options: SilenceOptions,
  context: Context,
): Promise<ExitCode> {
  const { connection, clock, out, form } = context;
  if (options.for === undefined) throw usageError("say for how long: --for 2h");
  const endTime = timestampFromMs(clock.now() + parseLength("--for", options.for));
  const matchers = matchersOf(options.match);
  if (alert !== undefined) matchers.push(...(await matchersOfAlert(alert, context)));
  if (matchers.length === 0) throw usageError("say what to silence: an alert, or --match label=pattern");
  const request = { requestId: randomUUID(), matchers, endTime, ...authorOf(options, context) };
  const response = await connection.alerts().call((client, call) => client.createSilence(request, call));
  if (form === "json") writeDocument(out, CreateSilenceResponseSchema, response);
  else if (response.silence) writeLines(out, [lineOf(silenceText(response.silence))]);
  return exitCodes.succeeded;
}

/** `weft alerts unsilence` */
export async function expireSilence(silenceId: string, context: Context): Promise<ExitCode> {
  const { connection, out, form } = context;
  const request = { requestId: randomUUID(), silenceId };
  const response = await connection.alerts().call((client, call) => client.expireSilence(request, call));
  if (form === "json") writeDocument(out, ExpireSilenceResponseSchema, response);
  else writeLines(out, [lineOf(`${silenceId} is over: people are told again`)]);
  return exitCodes.succeeded;
}

async function matchersOfAlert(alert: string, { connection }: Context) {
  const found = await connection.alerts().call((client, call) => client.getAlert({ alert }, call));
  const { rule = "", labels = {} } = found.alert ?? {};
  return matchersOf({ ...labels, rule });
}

function authorOf({ by, comment = "" }: Author, { config }: Context) {
  return { by: by ?? config.user ?? "", comment };
}

function silenceText({ silenceId, matchers, endTime }: Silence): string {
  return `${silenceId} mutes ${matchersText(matchers)} until ${dateTime(msOf(endTime) ?? 0)}`;
}
