import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type {
  AlertService,
  ReceiverStatusSchema,
  RuleSchema,
  TestRuleRequest,
  TestRuleResponseSchema,
} from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { ExecutionEvent, SystemEvent } from "@weft/proto/weft/events/v1/events_pb";
import type { Clock } from "@weft/runtime/clock";
import type { Handlers } from "@weft/runtime/grpc";
import type { AlertDesk } from "../app/alert-desk.ts";
import { type ReceiverState, type RuleStatus, receiverStates } from "../app/alert-reads.ts";
import type { ReceiverBook } from "../app/configuration.ts";
import type { Trials } from "../app/receiver-trial.ts";
import type { Observation } from "../core/observation.ts";
import type { Rejection } from "../core/rejection.ts";
import { accepted } from "./accepted.ts";
import { fromAlert, fromMatchers, fromNotification, severityMessages } from "./alert-messages.ts";
import { invalid, naming } from "./alert-requests.ts";

type RuleCalls = Pick<Handlers<typeof AlertService>, "listRules" | "testRule" | "testReceiver">;

/** What an event tells rules; nothing: no rule looks at it. */
export type EventReader = {
  readonly ofExecution: (event: ExecutionEvent) => readonly Observation[];
  readonly ofSystem: (event: SystemEvent) => readonly Observation[];
};

type Parts = {
  readonly desk: AlertDesk;
  readonly receivers: ReceiverBook;
  readonly trials: Trials;
  readonly events: EventReader;
  readonly clock: Clock;
};

const eventsMax = 10_000;
const answersMax = 10_000;

/** What is asked of rules, and of who is told. */
export function ruleCalls({ desk, receivers, trials, events, clock }: Parts): RuleCalls {
  return {
    listRules() {
      const { rules, loadedAtMs, refused } = desk.listRules();
      const deliveries = desk.listNotifications({ limit: Number.POSITIVE_INFINITY });
      return {
        rules: rules.map(fromRule),
        loadTime: timestampFromMs(loadedAtMs),
        ...(refused && {
          refused: {
            time: timestampFromMs(refused.atMs),
            problems: refused.problems.map(({ field, message, line = 0 }) => ({
              field,
              description: message,
              line,
            })),
          },
        }),
        receivers: receiverStates(receivers.configs, deliveries).map(fromReceiver),
      };
    },
    testRule(request) {
      const observations = accepted(observationsIn(request, events));
      return observations.length === 0
        ? testedNow(desk, request.rules, clock.now())
        : rehearsed(desk, request.rules, observations);
    },
    async testReceiver(request, { principal }) {
      const { receiver, requestId } = accepted(naming(request, "receiver", request.receiver));
      const outcome = accepted(await trials(receiver, requestId, principal.name));
      if (outcome.kind === "delivered") return { delivered: true };
      return { reason: outcome.reason, retryable: outcome.kind === "retry" };
    },
  };
}

function observationsIn(
  { executionEvents, systemEvents }: TestRuleRequest,
  events: EventReader,
): readonly Observation[] | Rejection {
  const count = executionEvents.length + systemEvents.length;
  if (count > eventsMax)
    return invalid([
      { field: "execution_events", message: `must be at most ${eventsMax} events in all, are ${count}` },
    ]);
  return [...executionEvents.flatMap(events.ofExecution), ...systemEvents.flatMap(events.ofSystem)];
}

type TestRuleResponse = MessageInitShape<typeof TestRuleResponseSchema>;

function rehearsed(desk: AlertDesk, rules: string, observations: readonly Observation[]): TestRuleResponse {
  const { happened, notifications } = accepted(desk.testRules(rules, observations));
  const changes = happened.slice(0, answersMax);
  const told = notifications.slice(0, answersMax - changes.length);
  return {
    changes: changes.map(({ atMs, alert }) => ({ time: timestampFromMs(atMs), alert: fromAlert(alert) })),
    notifications: told.map(fromNotification),
    leftOut: happened.length + notifications.length - changes.length - told.length,
  };
}

function testedNow(desk: AlertDesk, rules: string, nowMs: number): TestRuleResponse {
  const subjects = accepted(desk.testRulesNow(rules));
  return {
    changes: subjects.slice(0, answersMax).map((subject) => ({
      time: timestampFromMs(nowMs),
      alert: fromAlert({
        ...subject,
        id: "",
        state: "pending",
        startsAtMs: nowMs,
        isFlapping: false,
        silencedBy: [],
      }),
    })),
    leftOut: Math.max(0, subjects.length - answersMax),
  };
}

function fromRule({ rule, alerts, cutOff }: RuleStatus): MessageInitShape<typeof RuleSchema> {
  return {
    name: rule.name,
    signal: rule.signal.kind,
    severity: severityMessages[rule.severity],
    for: durationFromMs(rule.forMs),
    keepFiringFor: durationFromMs(rule.keepFiringForMs),
    summary: rule.summary,
    runbook: rule.runbook ?? "",
    match: fromMatchers(rule.match),
    labels: { ...rule.labels },
    groupBy: [...rule.groupBy],
    escalation: rule.escalation,
    enabled: rule.isEnabled,
    pendingAlerts: alerts.pending,
    firingAlerts: alerts.firing,
    acknowledgedAlerts: alerts.acknowledged,
    alertsCutOff: cutOff,
  };
}

function fromReceiver({
  name,
  kind,
  pending,
  failed,
  problem,
}: ReceiverState): MessageInitShape<typeof ReceiverStatusSchema> {
  return { name, kind, pending, failed, problem };
}
