import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished } from "vitest";
import { alertView } from "../adapters/notification.fixture.ts";
import type { AlertView } from "../core/alert.ts";
import { AlertmanagerMirror, type MirroredAlert } from "./alertmanager-mirror.ts";
import type { SendOutcome } from "./ports.ts";

const minuteMs = 60_000;

/** A mirror of these alerts, and what its members were shown. */
function mirrorOf(count = 1) {
  const clock = new StepClock();
  const alerts: AlertView[] = [];
  const lines: string[] = [];
  const log = (_: object, message: string) => void lines.push(message);
  const logger = { ...silentLogger, error: log, info: log };
  const mirror = new AlertmanagerMirror({ clock, logger, current: () => alerts, onPosted: () => {} });
  onTestFinished(() => mirror.stop());
  const members = Array.from({ length: count }, (_, index) => {
    const posts: (readonly MirroredAlert[])[] = [];
    const member = {
      name: `m-${index}`,
      answer: (): SendOutcome | Promise<SendOutcome> => ({ kind: "delivered" }),
      posts,
      async post(shown: readonly MirroredAlert[]) {
        posts.push(shown);
        return member.answer();
      },
    };
    return member;
  });
  mirror.configure({ members, labels: { cluster: "eu" } });
  return { clock, alerts, mirror, members, lines, first: members[0]! };
}

/** Lets promises settle that wait for nothing but one another. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("a mirror for Alertmanagers", () => {
  it("shows every member what fires, each minute anew, with an end that is near", async () => {
    const { clock, alerts, members } = mirrorOf(2);
    alerts.push(alertView({ startsAtMs: clock.now() }));
    clock.advance(minuteMs);
    await settled();
    clock.advance(minuteMs);
    await settled();
    for (const { posts } of members) {
      expect(posts).toHaveLength(2);
      expect(posts.map(([shown]) => shown?.endsAtMs)).toEqual([
        clock.now() - minuteMs + 3 * minuteMs,
        clock.now() + 3 * minuteMs,
      ]);
      expect(posts[0]?.[0]).toMatchObject({
        labels: { alertname: "step-stuck", severity: "critical", cluster: "eu", workflow: "release" },
        annotations: { executionId: "000-1", weftFingerprint: "85944171f73967e8" },
      });
      expect(posts[0]?.[0]?.labels).not.toHaveProperty("executionId");
    }
  });

  it("shows a change within a second, of each alert the latest", async () => {
    const { clock, mirror, first } = mirrorOf();
    mirror.changed([alertView({ summary: "before" })]);
    mirror.changed([
      alertView({ summary: "after" }),
      alertView({ fingerprint: "f2", state: "pending", firedAtMs: undefined as never }),
    ]);
    clock.advance(1_000);
    await settled();
    expect(first.posts.map((shown) => shown.map(({ annotations }) => annotations["summary"]))).toEqual([
      ["after"],
    ]);
  });

  it("shows the end of an alert for five minutes", async () => {
    const { clock, alerts, first } = mirrorOf();
    const endsAtMs = clock.now();
    alerts.push(alertView({ state: "resolved", endsAtMs }));
    for (let minute = 0; minute < 8; minute++) {
      clock.advance(minuteMs);
      await settled();
    }
    expect(first.posts.map(([shown]) => shown?.endsAtMs)).toEqual(Array(5).fill(endsAtMs));
  });

  it("tells a failing member all in the next minute, and its failure once", async () => {
    const { clock, alerts, first, lines } = mirrorOf();
    alerts.push(alertView());
    first.answer = () => ({ kind: "retry", reason: "down" });
    for (let minute = 0; minute < 2; minute++) {
      clock.advance(minuteMs);
      await settled();
    }
    first.answer = () => ({ kind: "delivered" });
    clock.advance(minuteMs);
    await settled();
    expect(first.posts).toHaveLength(3);
    expect(lines).toEqual(["an Alertmanager takes no alerts", "the Alertmanager takes alerts again"]);
  });

  it("does not wait for a member that hangs, and has one post to it at a time", async () => {
    const { clock, alerts, members } = mirrorOf(2);
    alerts.push(alertView());
    const [hanging, sound] = members as [(typeof members)[0], (typeof members)[0]];
    hanging.answer = () => new Promise<never>(() => {});
    for (let minute = 0; minute < 3; minute++) {
      clock.advance(minuteMs);
      await settled();
    }
    expect(hanging.posts).toHaveLength(1);
    expect(sound.posts).toHaveLength(3);
  });

  it("shows many alerts in posts of a bounded size", async () => {
    const { clock, alerts, first } = mirrorOf();
    for (let index = 0; index < 450; index++) alerts.push(alertView({ fingerprint: `f${index}` }));
    clock.advance(minuteMs);
    await settled();
    expect(first.posts.map(({ length }) => length)).toEqual([200, 200, 50]);
  });
});
