import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Alert, type AlertState, isLive, type Subject, transitions } from "./alert.ts";
import type { AlertInput, Patience } from "./alert-input.ts";
import { decide } from "./decide.ts";
import { begin, escalate, isPressing, type Member } from "./escalate.ts";
import { evolve } from "./evolve.ts";
import type { Group } from "./group.ts";
import { isRejection } from "./rejection.ts";
import type { Escalation, Grouping } from "./rule.ts";

type Move = {
  readonly kind: "holds" | "calm" | "gone" | "acknowledge";
  readonly alert: number;
  readonly muted: boolean;
  readonly afterMs: number;
};

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("holds" as const) },
    { weight: 5, arbitrary: fc.constant("calm" as const) },
    { weight: 1, arbitrary: fc.constant("gone" as const) },
    { weight: 2, arbitrary: fc.constant("acknowledge" as const) },
  ),
  alert: fc.nat({ max: 2 }),
  muted: fc.boolean(),
  afterMs: fc.constantFrom(0, 1, 500, 1_000, 5_000, 60_000),
});

const patience: fc.Arbitrary<Patience> = fc.record({
  forMs: fc.constantFrom(0, 1_000),
  keepFiringForMs: fc.constantFrom(0, 2_000),
  flapping: fc.record({
    fires: fc.integer({ min: 2, max: 4 }),
    withinMs: fc.constant(60_000),
    holdMs: fc.constantFrom(0, 5_000),
  }),
});

const escalation: Escalation = {
  name: "page",
  stages: [
    { afterMs: 0, receivers: ["first"], severity: undefined },
    { afterMs: 1_000, receivers: ["second"], severity: "critical" },
  ],
  repeat: { everyMs: 5_000, times: 1 },
};
const grouping: Grouping = { waitMs: 500, intervalMs: 2_000 };

function subject(number: number): Subject {
  const fingerprint = `f${number}`;
  const annotations = {};
  return {
    fingerprint,
    rule: "r",
    labels: { fingerprint },
    annotations,
    summary: "",
    severity: "warning",
    group: "g",
  };
}

function inputOf({ kind, alert }: Move, atMs: number): AlertInput {
  switch (kind) {
    case "holds":
      return { kind: "condition.holds", subject: subject(alert), atMs };
    case "calm":
      return { kind: "condition.calm", atMs };
    case "gone":
      return { kind: "rule.gone", atMs };
    case "acknowledge":
      return { kind: "acknowledge", by: "ada", comment: "", atMs };
  }
}

const taken = new Set<string>();

/** Moves one alert on, and checks that it went by the table. */
function moved(alert: Alert | undefined, input: AlertInput, rules: Patience): Alert | undefined {
  const events = decide(alert, input, rules);
  if (isRejection(events)) {
    expect(input.kind).toBe("acknowledge");
    expect(isLive(alert)).toBe(false);
    return alert;
  }
  let now = alert;
  for (const event of events) {
    const before: AlertState | "none" = now?.state ?? "none";
    now = evolve(now, event);
    const after: AlertState | "none" = now?.state ?? "none";
    if (before !== after) {
      expect(transitions[before]).toContain(after);
      taken.add(`${before} → ${after}`);
    }
    if (event.kind === "alert.fired") expect(before).toBe("pending");
    if (event.kind === "alert.resolved") expect(["firing", "acknowledged"]).toContain(before);
  }
  return now;
}

/** What the receivers of a group believe, and whether it may be so. */
class Receivers {
  readonly #toldFiring = new Set<string>();

  hear(before: Group, members: readonly Member[], step: ReturnType<typeof escalate>): void {
    const { note } = step;
    if (!note) return;
    const audible = members
      .filter(({ alert, isMuted }) => isLive(alert) && !isMuted)
      .map(({ alert }) => alert);
    if (note.status === "firing") {
      expect(audible.some(isPressing)).toBe(true);
      expect(note.alerts.length).toBeGreaterThan(0);
      for (const receiver of note.receivers) this.#toldFiring.add(receiver);
    }
    if (note.status === "acknowledged") {
      expect(audible.every(({ state }) => state === "acknowledged")).toBe(true);
      expect(before.isAcknowledged).toBe(false);
    }
    if (note.status === "resolved") {
      // Whoever was called, and nobody else, hears of the end.
      expect(new Set(note.receivers)).toEqual(this.#toldFiring);
      expect(audible).toEqual([]);
      expect(step.group).toBeUndefined();
      this.#toldFiring.clear();
    }
    // Nobody hears of an acknowledgement or a resolve who was not called before.
    for (const receiver of note.receivers)
      expect(note.status === "resolved" || this.#toldFiring.has(receiver)).toBe(true);
  }

  get areCalled(): boolean {
    return this.#toldFiring.size > 0;
  }
}

const fresh: Group = {
  key: "g",
  labels: {},
  escalation: "page",
  openedAtMs: 0,
  told: {},
  receivers: [],
  stage: -1,
  severity: "info",
  isAcknowledged: false,
};

function play(moves: readonly Move[], rules: Patience): void {
  const alerts = new Map<number, Alert | undefined>();
  const receivers = new Receivers();
  let group: Group | undefined;
  let atMs = 0;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  for (const next of moves) {
    atMs += next.afterMs;
    alerts.set(next.alert, moved(alerts.get(next.alert), inputOf(next, atMs), rules));
    const members = [...alerts].flatMap(([number, alert]) =>
      alert ? [{ alert, isMuted: next.muted && number === 0 }] : [],
    );
    const isOpening = members.some(({ alert, isMuted }) => isPressing(alert) && !isMuted);
    group ??= isOpening ? begin({ ...fresh, openedAtMs: atMs }, { escalation, grouping }, atMs) : undefined;
    if (!group) continue;
    const step = escalate(group, members, { escalation, grouping }, atMs);
    receivers.hear(group, members, step);
    if (step.note?.status === "firing" && step.group?.stage === group.stage && !group.due)
      expect(atMs - toldAtMs).toBeGreaterThanOrEqual(grouping.intervalMs);
    if (step.note) toldAtMs = atMs;
    group = step.group;
    if (members.every(({ alert }) => !isLive(alert))) {
      expect(group).toBeUndefined();
      expect(receivers.areCalled).toBe(false);
    }
  }
}

describe("alerts and their groups, whatever happens", () => {
  it("go by the table; nobody is called for what is acknowledged, muted or over; whoever was called hears the end", () => {
    fc.assert(fc.property(fc.array(move, { maxLength: 60 }), patience, play), { numRuns: 3_000 });
    const all = Object.entries(transitions).flatMap(([from, to]) => to.map((after) => `${from} → ${after}`));
    expect([...taken].toSorted()).toEqual(all.filter((edge) => edge !== "resolved → none").toSorted());
  });
});
