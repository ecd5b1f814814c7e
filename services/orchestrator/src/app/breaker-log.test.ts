import { silentLogger } from "@weft/runtime/logger";
import { beforeEach, expect, it } from "vitest";
import { logBreakers } from "./breaker-log.ts";
import type { CircuitBreaker } from "./circuit-breaker.ts";

let lines: unknown[];
const logger = {
  ...silentLogger,
  warn: (fields: object, message: string) => void lines.push(["warn", message, fields]),
  info: (fields: object, message: string) => void lines.push(["info", message, fields]),
};

beforeEach(() => {
  lines = [];
});

const open: CircuitBreaker = {
  name: "step/nightly:load",
  watched: { kind: "step", namespace: "default", workflow: "nightly", step: "load" },
  state: "OPEN",
  failuresInARow: 5,
  recentFailures: 6,
  recentOutcomes: 20,
  lastFailureCode: "UNAVAILABLE",
  openedAtMs: 1_000,
  nextProbeAtMs: 61_000,
};

it("warns of a breaker that has opened, with what it counted and when it is tried again", () => {
  logBreakers(logger).changed({ breaker: open, from: "CLOSED", reason: "FAILURES", timeMs: 1_000 });
  expect(lines).toEqual([
    [
      "warn",
      "circuit breaker opened",
      {
        breaker: "step/nightly:load",
        namespace: "default",
        reason: "FAILURES",
        failuresInARow: 5,
        recentFailures: 6,
        recentOutcomes: 20,
        lastFailureCode: "UNAVAILABLE",
        nextProbeTime: "1970-01-01T00:01:01.000Z",
      },
    ],
  ]);
});

it("tells of a probe, and of a breaker that has closed", () => {
  const watched = { kind: "agent", agentId: "a", capability: "work" } as const;
  const ofAgent = { ...open, name: "agent/a/work", watched };
  const log = logBreakers(logger);
  const breaker = { ...ofAgent, state: "HALF_OPEN" } as const;
  log.changed({ breaker, from: "OPEN", reason: "COOLED_DOWN", timeMs: 1_000 });
  log.changed({
    breaker: { ...ofAgent, state: "CLOSED" },
    from: "HALF_OPEN",
    reason: "PROBE_PASSED",
    timeMs: 1_000,
  });
  expect(lines).toEqual([
    ["info", "circuit breaker lets a probe through", { breaker: "agent/a/work", reason: "COOLED_DOWN" }],
    ["info", "circuit breaker closed", { breaker: "agent/a/work", reason: "PROBE_PASSED" }],
  ]);
});
