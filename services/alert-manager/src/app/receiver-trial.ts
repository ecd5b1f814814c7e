import { randomUUID } from "node:crypto";
import type { Clock } from "@weft/runtime/clock";
import type { Notification } from "../core/notification.ts";
import { quoted } from "../core/problem.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { Receiver, SendOutcome } from "./ports.ts";

const timeoutMs = 12_000;

export type Trials = (receiver: string, id: string, by: string) => Promise<SendOutcome | Rejection>;

/** Sends test notifications: each one and, once it is taken, its end, so that nothing is left open. One at a time. */
export function receiverTrials(receivers: ReadonlyMap<string, Receiver>, clock: Clock): Trials {
  const running = new Set<string>();
  return async (name, id, by) => {
    const receiver = receivers.get(name);
    if (!receiver) return rejection("RECEIVER_NOT_FOUND", `there is no receiver ${quoted(name)}`);
    if (running.has(name)) return rejection("BUSY", `a test of ${quoted(name)} is under way`);
    running.add(name);
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort());
    try {
      const test = testNotification(name, id || randomUUID(), by, clock.now());
      const outcome = await receiver.send(test, late.signal);
      return outcome.kind === "delivered" ? await receiver.send(ended(test), late.signal) : outcome;
    } finally {
      cancel();
      running.delete(name);
    }
  };
}

function testNotification(receiver: string, id: string, by: string, nowMs: number): Notification {
  const groupLabels = { rule: "test" };
  return {
    id: `test-${id}`,
    dedupKey: `test-${id}`,
    status: "firing",
    severity: "info",
    receiver,
    stage: 0,
    createdAtMs: nowMs,
    groupLabels,
    alerts: [
      {
        id: `test-${id}`,
        fingerprint: `test-${id}`,
        rule: "test",
        state: "firing",
        severity: "info",
        labels: {},
        annotations: { requestedBy: by },
        summary: "This is a test of Weft's alerts; nothing is wrong",
        startsAtMs: nowMs,
        firedAtMs: nowMs,
        isFlapping: false,
        silencedBy: [],
      },
    ],
    alertsLeftOut: 0,
  };
}

function ended(test: Notification): Notification {
  const alerts = test.alerts.map((alert) => ({
    ...alert,
    state: "resolved" as const,
    endsAtMs: test.createdAtMs,
  }));
  return { ...test, id: `${test.id}-end`, status: "resolved", alerts };
}
