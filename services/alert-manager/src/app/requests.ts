import type { Logger } from "@weft/runtime/logger";
import { type Alert, alertId } from "../core/alert.ts";
import { checkAuthor, checkSilence, type SilenceRequest } from "../core/check-silence.ts";
import { hurry } from "../core/escalate.ts";
import { digest } from "../core/fingerprint.ts";
import { acknowledgeAlert, type Happened } from "../core/judge.ts";
import { silencesMax } from "../core/limits.ts";
import { quoted } from "../core/problem.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import type { Silence } from "../core/silence.ts";
import { nextNumber, type State } from "../core/state.ts";
import type { AlertMetrics } from "./alert-metrics.ts";
import type { Tried } from "./deliveries.ts";

/** Who takes what on. `name`: a fingerprint, or the id of one time that the alert fires. */
export type AcknowledgeRequest = { readonly name: string; readonly by: string; readonly comment: string };

export function acknowledge(
  state: State,
  { name, by, comment }: AcknowledgeRequest,
  atMs: number,
): { readonly alert: Alert; readonly happened: readonly Happened[] } | Rejection {
  const problems = checkAuthor(by, comment);
  if (problems.length > 0) return rejection("REQUEST_INVALID", "the acknowledgement has mistakes", problems);
  const [fingerprint = ""] = name.split("-");
  const alert = state.alerts.get(fingerprint);
  if (!alert || (name !== fingerprint && name !== alertId(alert)))
    return rejection("ALERT_NOT_FOUND", `there is no alert ${quoted(name)}`);
  const happened = acknowledgeAlert(state, fingerprint, { kind: "acknowledge", by, comment, atMs });
  if (isRejection(happened)) return happened;
  return { alert: state.alerts.get(fingerprint) ?? alert, happened };
}

export function createSilence(state: State, request: SilenceRequest, nowMs: number): Silence | Rejection {
  const problems = checkSilence(request, nowMs);
  if (problems.length > 0) return rejection("REQUEST_INVALID", "the silence has mistakes", problems);
  const { matchers, startsAtMs = nowMs, untilMs, by, comment } = request;
  const id = silenceId(state, request.requestId);
  const silence: Silence = { id, matchers, startsAtMs, untilMs, by, comment };
  const known = state.silences.get(id);
  if (known) return answeredBefore(known, request);
  if (state.silences.put(id, silence)) return silence;
  return rejection("TOO_MANY_SILENCES", `there are ${silencesMax} silences already: expire some`);
}

function silenceId(state: State, requestId: string | undefined): string {
  return `silence-${requestId === undefined ? nextNumber(state, "silence") : digest(requestId)}`;
}

/** As it is now, ended perhaps; another request under the same id is refused. */
function answeredBefore(known: Silence, request: SilenceRequest): Silence | Rejection {
  const { matchers, startsAtMs = known.startsAtMs, untilMs, by, comment } = request;
  const isEnded = known.untilMs < untilMs;
  const asked = { ...known, matchers, startsAtMs, untilMs: isEnded ? known.untilMs : untilMs, by, comment };
  if (JSON.stringify(asked) === JSON.stringify(known)) return known;
  return rejection("REQUEST_ID_TAKEN", "the request_id was used for another silence");
}

/** Ends a silence now; one that is over is left as it is. */
export function expireSilence(state: State, id: string, nowMs: number): Silence | Rejection {
  const silence = state.silences.get(id);
  if (!silence) return rejection("SILENCE_NOT_FOUND", `there is no silence ${quoted(id)}`);
  if (silence.untilMs <= nowMs) return silence;
  const expired = { ...silence, untilMs: nowMs };
  state.silences.put(id, expired);
  return expired;
}

/** Notes what became of a try. A delivery that failed for good makes the next stage due at once. */
export function recordTried(
  state: State,
  { id, outcome, failures, reason }: Tried,
  atMs: number,
  { metrics, logger }: { readonly metrics: AlertMetrics; readonly logger: Logger },
): void {
  const delivery = state.deliveries.get(id);
  if (!delivery) return;
  const { receiver, createdAtMs, stage, status } = delivery.notification;
  metrics.delivery(receiver, outcome, Math.max(0, atMs - createdAtMs));
  if (outcome === "retry") {
    state.deliveries.put(id, { ...delivery, failures, reason });
    logger.warn({ id, receiver, failures, reason }, "a notification could not be delivered; trying again");
    return;
  }
  const ended = outcome === "delivered" ? "delivered" : "failed";
  state.deliveries.put(id, { ...delivery, status: ended, failures, reason, endedAtMs: atMs });
  if (outcome === "delivered") return;
  logger.error({ id, receiver, failures, reason, outcome }, "a notification was not delivered");
  const group = state.groups.get(delivery.group);
  if (group && status === "firing") state.groups.put(group.key, hurry(group, stage, atMs));
}
