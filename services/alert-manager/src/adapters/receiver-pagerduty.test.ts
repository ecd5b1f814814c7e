import { describe, expect, it } from "vitest";
import { alertView, notificationOf } from "./notification.fixture.ts";
import { pagerDutyEvent } from "./receiver-pagerduty.ts";

describe("an event for PagerDuty", () => {
  it("triggers an incident that the group's key names", () => {
    expect(pagerDutyEvent(notificationOf({ alertsLeftOut: 2 }), "key")).toEqual({
      routing_key: "key",
      event_action: "trigger",
      dedup_key: "group-1",
      client: "Weft",
      payload: {
        summary: "publish of release has made no progress for 5m, and 2 more",
        source: "weft",
        severity: "critical",
        timestamp: "2030-01-01T12:01:00.000Z",
        component: "release",
        class: "step-stuck",
        group: "step-stuck namespace=default workflow=release",
        custom_details: {
          stage: 0,
          alerts: [
            {
              summary: "publish of release has made no progress for 5m",
              labels: "namespace=default workflow=release",
              executionId: "000-1",
              stepId: "publish",
            },
          ],
          more: "and 2 more",
        },
      },
    });
  });

  it("acknowledges and resolves the same incident", () => {
    for (const [status, action] of [
      ["acknowledged", "acknowledge"],
      ["resolved", "resolve"],
    ] as const)
      expect(pagerDutyEvent(notificationOf({ status }), "key")).toEqual({
        routing_key: "key",
        event_action: action,
        dedup_key: "group-1",
      });
  });

  it("stays within what PagerDuty takes", () => {
    const labels = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`label${n}`, "v".repeat(256)]));
    const alerts = Array.from({ length: 50 }, () =>
      alertView({ summary: "s".repeat(2_000), labels, annotations: labels }),
    );
    const event = pagerDutyEvent(notificationOf({ alerts }), "key") as { payload: { summary: string } };
    expect(event.payload.summary.length).toBe(1_024);
    expect(JSON.stringify(event).length).toBeLessThan(512_000);
    expect(JSON.stringify(event)).toContain("and 30 more");
  });
});
