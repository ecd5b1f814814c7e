import { timestampMs } from "@bufbuild/protobuf/wkt";
import type {
  AlertFilter,
  CreateSilenceRequest,
  ListAlertsRequest,
  ListSilencesRequest,
  Matcher,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { AlertFilterQuery, AlertQuery } from "../app/alert-reads.ts";
import { type AlertState, type Severity, severities } from "../core/alert.ts";
import { readMatchers } from "../core/check-matchers.ts";
import type { SilenceRequest } from "../core/check-silence.ts";
import type { Matchers } from "../core/matcher.ts";
import type { Problem } from "../core/problem.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import { severityMessages, stateMessages } from "./alert-messages.ts";
import { readPageToken } from "./page-token.ts";

const pageSizeMax = 1_000;
const pageSizeDefault = 100;
const requestIdLengthMax = 128;

/** A refusal that names every field at fault. */
export function invalid(problems: readonly Problem[]): Rejection {
  const text = problems.map(({ field, message }) => `${field} ${message}`).join("; ");
  return rejection("REQUEST_INVALID", text, problems);
}

export function toAlertQuery({
  filter,
  pageSize,
  pageToken,
}: ListAlertsRequest): (AlertQuery & { readonly limit: number }) | Rejection {
  const problems: Problem[] = [];
  const query = readFilter(filter, problems);
  const limit = readPageSize(pageSize, problems);
  const after = readToken("alerts", pageToken, problems);
  if (problems.length > 0) return invalid(problems);
  const [startsAtMs, fingerprint] = after;
  return {
    ...query,
    limit,
    ...(startsAtMs !== undefined && { after: { startsAtMs, fingerprint: fingerprint ?? "" } }),
  };
}

export function toFilter(filter: AlertFilter | undefined): AlertFilterQuery | Rejection {
  const problems: Problem[] = [];
  const query = readFilter(filter, problems);
  return problems.length > 0 ? invalid(problems) : query;
}

/** Undefined in `after`: from the beginning. */
export function toSilencePage({ pageSize, pageToken }: ListSilencesRequest) {
  const problems: Problem[] = [];
  const size = readPageSize(pageSize, problems);
  const [untilMs, id] = readToken("silences", pageToken, problems);
  if (problems.length > 0) return invalid(problems);
  return { size, after: untilMs === undefined ? undefined : { untilMs, id: id ?? "" } };
}

/** Whether it makes sense is the core's to say. */
export function toSilence(request: CreateSilenceRequest, caller: string): SilenceRequest | Rejection {
  const { requestId, startTime, endTime, by, comment } = request;
  const problems: Problem[] = [...checkRequestId(requestId)];
  const matchers = toMatchers(request.matchers, "matchers", problems);
  if (!endTime) problems.push({ field: "end_time", message: "must be set" });
  if (problems.length > 0 || !endTime) return invalid(problems);
  return {
    ...(requestId !== "" && { requestId }),
    ...(startTime && { startsAtMs: timestampMs(startTime) }),
    matchers,
    untilMs: timestampMs(endTime),
    by: by || caller,
    comment,
  };
}

export function checkRequestId(requestId: string): readonly Problem[] {
  if (requestId.length <= requestIdLengthMax) return [];
  return [{ field: "request_id", message: `must have at most ${requestIdLengthMax} characters` }];
}

/** The request, unless a name in it is missing. */
export function naming<R extends object>(request: R, field: string, name: string): R | Rejection {
  const problems: Problem[] = [...checkRequestId("requestId" in request ? String(request.requestId) : "")];
  if (name === "" || name.length > 256) problems.push({ field, message: "must have 1 to 256 characters" });
  return problems.length > 0 ? invalid(problems) : request;
}

function readFilter(filter: AlertFilter | undefined, problems: Problem[]): AlertFilterQuery {
  const matchers = toMatchers(filter?.matchers ?? [], "filter.matchers", problems);
  const states = named(stateMessages, filter?.states ?? [], "filter.states", problems);
  const wanted = named(severityMessages, filter?.severities ?? [], "filter.severities", problems);
  return {
    ...(states.length > 0 && { states: states as readonly AlertState[] }),
    severities: wanted.length > 0 ? (wanted as readonly Severity[]) : severities,
    matchers,
    muted: !filter?.withoutMuted,
  };
}

/** The words for what was asked; one that there is not is a problem. */
function named(
  messages: Readonly<Record<string, number>>,
  asked: readonly number[],
  field: string,
  problems: Problem[],
): readonly string[] {
  return asked.flatMap((value, index) => {
    const word = Object.entries(messages).find(([, message]) => message === value)?.[0];
    if (word === undefined)
      problems.push({ field: `${field}[${index}]`, message: "must be one of those there are" });
    return word === undefined ? [] : [word];
  });
}

function toMatchers(matchers: readonly Matcher[], field: string, problems: Problem[]): Matchers {
  const read: Record<string, readonly string[]> = {};
  for (const [index, { label, patterns }] of matchers.entries()) {
    if (Object.hasOwn(read, label))
      problems.push({ field: `${field}[${index}].label`, message: "must be another one than those before" });
    read[label] = patterns;
  }
  return readMatchers(read, field, problems);
}

function readPageSize(pageSize: number, problems: Problem[]): number {
  if (pageSize < 0 || pageSize > pageSizeMax)
    problems.push({
      field: "page_size",
      message: `must be 1 to ${pageSizeMax}, or 0 for ${pageSizeDefault}`,
    });
  return pageSize === 0 ? pageSizeDefault : pageSize;
}

function readToken(
  kind: string,
  token: string,
  problems: Problem[],
): readonly [] | readonly [number, string] {
  const after = readPageToken(kind, token);
  if (!after)
    problems.push({ field: "page_token", message: "must be the next_page_token of an earlier answer" });
  return after ?? [];
}
