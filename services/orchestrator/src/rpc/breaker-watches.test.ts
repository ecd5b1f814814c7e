import {
  CircuitBreakerReason,
  CircuitBreakerState,
  type WatchCircuitBreakersResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { BreakerGround } from "@weft/runtime/breaker";
import { Breakers } from "@weft/runtime/breakers";
import { Code, type RpcError, type ServerStream } from "@weft/runtime/grpc";
import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, expect, it } from "vitest";
import { BreakerChanges } from "../app/breaker-changes.ts";
import { ofStep, shown } from "../app/circuit-breaker.ts";
import { CircuitBreakers } from "../app/circuit-breakers.ts";
import { watchBreakers } from "./breaker-watches.ts";

const rules = { failuresInARow: 1, watchesShare: false, coolDownMs: 10_000, probeMs: 10_000 };

let clock: StepClock;
let ground: BreakerGround;
let steps: Breakers;
let changes: BreakerChanges;
let sent: WatchCircuitBreakersResponse[];
let ends: RpcError[];
let hasRoom: boolean;
let close: () => void;
let drain: () => void;

beforeEach(() => {
  clock = new StepClock();
  ground = new BreakerGround(clock, () => 0);
  changes = new BreakerChanges();
  steps = new Breakers({
    ground,
    rules,
    keysMax: 10_000,
    changed: (key, breaker, change) => {
      if (change) changes.publish({ ...change, breaker: shown(ofStep(key, breaker)), timeMs: clock.now() });
    },
  });
  [sent, ends, hasRoom] = [[], [], true];
});

function fail(key: string): void {
  steps.record(key, ground.epoch, "failed", "UNAVAILABLE");
}

function watch(): void {
  const stream: ServerStream<WatchCircuitBreakersResponse> = {
    write(message) {
      sent.push(message);
      return hasRoom;
    },
    onDrain(run) {
      drain = run;
    },
    end: () => {},
    fail: (error) => void ends.push(error),
    onClose(run) {
      close = run;
    },
  };
  watchBreakers(new CircuitBreakers({ entries: () => [] }, steps, changes), "one", "default", stream);
}

it("tells what is not closed, then what changes, with the reason", () => {
  fail("default/w:a");
  fail("other/w:b");
  watch();
  expect(sent).toMatchObject([{ breakers: [{ name: "step/w:a" }], warming: false, changes: [] }]);
  clock.advance(10_000);
  fail("default/w:a");
  const { OPEN, HALF_OPEN } = CircuitBreakerState;
  const { COOLED_DOWN, PROBE_FAILED } = CircuitBreakerReason;
  expect(sent.slice(1).flatMap((message) => message.changes)).toMatchObject([
    { breaker: { name: "step/w:a", state: HALF_OPEN, replica: "one" }, from: OPEN, reason: COOLED_DOWN },
    {
      breaker: { state: OPEN, lastFailureCode: "UNAVAILABLE", watched: { value: { stepId: "a" } } },
      from: HALF_OPEN,
      reason: PROBE_FAILED,
    },
  ]);
});

it("says at once when all are closed", () => {
  watch();
  expect(sent).toMatchObject([{ breakers: [], warming: false }]);
});

it("tells of many in several messages, the last of which says that this is all", () => {
  for (let step = 0; step < 1_500; step++) fail(`default/w:s${step}`);
  watch();
  expect(sent.map(({ breakers, warming }) => [breakers.length, warming])).toEqual([
    [1_000, true],
    [500, false],
  ]);
});

it("cuts off a reader that falls too far behind, not one that catches up", () => {
  fail("default/w:a");
  watch();
  hasRoom = false;
  const flip = (times: number): void => {
    for (let time = 0; time < times; time++) {
      steps.get("default/w:a")?.close();
      fail("default/w:a");
    }
  };
  flip(5_000);
  drain();
  flip(5_000);
  expect(ends).toEqual([]);
  flip(1);
  expect(ends[0]).toMatchObject({ code: Code.RESOURCE_EXHAUSTED, details: { reason: "READER_TOO_SLOW" } });
});

it("ends with the orchestrator, and hears nothing once it is over", () => {
  watch();
  changes.close();
  expect(ends).toMatchObject([{ code: Code.UNAVAILABLE, details: { reason: "STOPPING" } }]);
  close();
  fail("default/w:a");
  expect(sent).toHaveLength(1);
});
