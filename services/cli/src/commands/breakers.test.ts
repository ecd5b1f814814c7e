import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  CircuitBreakerState,
  type ListCircuitBreakersRequest,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { describe, expect, it } from "vitest";
import { runScripted as weft } from "../testing/run-scripted.ts";
import type { Script } from "../testing/scripted-services.ts";
import { storyStartMs } from "../testing/story.ts";

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
            { name: "agent/a-1/work", state: CircuitBreakerState.OPEN, openTime, nextProbeTime, ...counts },
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
        "BREAKER              STATE      FAILED  IN A ROW   OPENED  NEXT PROBE  REPLICA",
        "agent/a-1/work       open       5 of 9         5  1 m ago   in 10.0 s  one",
        "step/report:publish  half-open  5 of 9         5  1 m ago              one",
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
