import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  CircuitBreakerReason,
  CircuitBreakerState,
  type ListCircuitBreakersRequest,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { timeOfDay } from "../render/time.ts";
import { runScripted as weft } from "../testing/run-scripted.ts";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import { storyStartMs } from "../testing/story.ts";
import { runLine } from "../testing/test-world.ts";

describe("weft breakers", () => {
  it("shows what is left alone, and until when", async () => {
    const requests: ListCircuitBreakersRequest[] = [];
    const script: Script = {
      listCircuitBreakers(request) {
        requests.push(request);
        const counts = { failuresInARow: 5, recentFailures: 5, recentOutcomes: 9, replica: "one" };
        const openTime = timestampFromMs(storyStartMs);
        const nextProbeTime = timestampFromMs(storyStartMs + 70_000);
        return {
          breakers: [
            {
              name: "agent/a-1/work",
              state: CircuitBreakerState.OPEN,
              lastFailureCode: "UNAVAILABLE",
              openTime,
              nextProbeTime,
              ...counts,
            },
            { name: "step/report:publish", state: CircuitBreakerState.HALF_OPEN, openTime, ...counts },
            { name: "step/report:tidy", state: CircuitBreakerState.CLOSED, recentOutcomes: 3 },
          ],
          nextPageToken: "next",
        };
      },
    };
    expect(await weft(script, ["breakers", "--state", "open", "--state", "half-open"])).toMatchObject({
      exitCode: 0,
      out: [
        "BREAKER              STATE      FAILED  IN A ROW   OPENED  NEXT PROBE  LAST FAILURE  REPLICA",
        "agent/a-1/work       open       5 of 9         5  1 m ago   in 10.0 s  UNAVAILABLE   one",
        "step/report:publish  half-open  5 of 9         5  1 m ago                            one",
        "step/report:tidy     closed     0 of 3         0",
      ],
      err: ["more: weft breakers --page-token next"],
    });
    expect(requests).toMatchObject([
      { states: [CircuitBreakerState.OPEN, CircuitBreakerState.HALF_OPEN], pageSize: 50 },
    ]);
    expect((await weft({ listCircuitBreakers: () => ({}) }, ["breakers", "list"])).out).toEqual([
      "no circuit breakers: nothing to complain of",
    ]);
  });
});

describe("weft breakers watch", () => {
  const { FAILURES, COOLED_DOWN, PROBE_FAILED, PROBE_PASSED, RESET, AGENT_GONE } = CircuitBreakerReason;
  const { OPEN, HALF_OPEN, CLOSED } = CircuitBreakerState;
  const counts = { failuresInARow: 5, recentFailures: 6, recentOutcomes: 9, lastFailureCode: "UNAVAILABLE" };
  const nextProbeTime = timestampFromMs(storyStartMs + 70_000);
  const time = timestampFromMs(storyStartMs + 60_000);
  const agent = { name: "agent/a-1/work", ...counts };
  const step = { name: "step/report:publish", ...counts };
  const script: Script = {
    watchCircuitBreakers(_request, watch) {
      watch.write({ breakers: [{ ...step, state: OPEN, nextProbeTime }] });
      const told = [
        { breaker: { ...agent, state: OPEN, nextProbeTime }, from: CLOSED, reason: FAILURES },
        { breaker: { ...agent, state: HALF_OPEN }, from: OPEN, reason: COOLED_DOWN },
        { breaker: { ...agent, state: OPEN, nextProbeTime }, from: HALF_OPEN, reason: PROBE_FAILED },
        { breaker: { ...step, state: CLOSED }, from: HALF_OPEN, reason: PROBE_PASSED },
        { breaker: { ...step, state: CLOSED }, from: OPEN, reason: RESET },
        { breaker: { ...agent, state: CLOSED }, from: OPEN, reason: AGENT_GONE },
      ];
      watch.write({ changes: told.map((change) => ({ ...change, time })) });
    },
  };

  /** Until so many lines are there; then Ctrl-C. */
  async function watched(line: readonly string[], count: number) {
    const { address, stop } = await serveScript(script);
    onTestFinished(stop);
    const clock = new StepClock(storyStartMs + 60_000);
    const { exitCode, out, interrupt } = runLine(["breakers", "watch", ...line], { address, clock });
    await vi.waitFor(() => expect(out.lines()).toHaveLength(count));
    interrupt();
    return { exitCode: await exitCode, out: out.lines() };
  }

  it("shows what is not closed, then each change, and why", async () => {
    const { exitCode, out } = await watched([], 7);
    expect(exitCode).toBe(0);
    const at = timeOfDay(storyStartMs + 60_000);
    const failed = "5 failures in a row, 6 of the last 9 (UNAVAILABLE); next probe in 10.0 s";
    expect(out).toEqual([
      `${at}  step/report:publish           open       ${failed}`,
      `${at}  agent/a-1/work                open       ${failed}`,
      `${at}  agent/a-1/work                half-open  one probe may go`,
      `${at}  agent/a-1/work                open       its probe has failed (UNAVAILABLE); next probe in 10.0 s`,
      `${at}  step/report:publish           closed     its probe has passed`,
      `${at}  step/report:publish           closed     was reset`,
      `${at}  agent/a-1/work                closed     its agent is gone`,
    ]);
  });

  it("gives one JSON document for each line", async () => {
    const { out } = await watched(["-o", "json"], 7);
    const [found, changed] = out.map((line) => JSON.parse(line));
    expect(found).toMatchObject({
      breaker: { name: "step/report:publish", state: "CIRCUIT_BREAKER_STATE_OPEN" },
      reason: "CIRCUIT_BREAKER_REASON_UNSPECIFIED",
    });
    expect(changed).toMatchObject({
      breaker: { name: "agent/a-1/work", lastFailureCode: "UNAVAILABLE" },
      from: "CIRCUIT_BREAKER_STATE_CLOSED",
      reason: "CIRCUIT_BREAKER_REASON_FAILURES",
    });
  });

  it("takes no options of the list", async () => {
    const { exitCode, err } = await weft({}, ["breakers", "watch", "--state", "open"]);
    expect([exitCode, err[0]]).toEqual([2, "error: --state, --limit and --page-token are for the list"]);
  });
});
