import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { everyEdge, newTally, tallyText } from "./edge-tally.fixture.ts";
import { answerLate, playFair } from "./fair-play.fixture.ts";
import { anyMove } from "./hostile-moves.fixture.ts";
import { beginRun, countEnd, feed, inspect, restart } from "./hostile-run.fixture.ts";
import { defaultExecutionLimits, type ExecutionLimits } from "./limits.ts";
import { workflowFrom } from "./random-workflow.fixture.ts";
import { startInput } from "./transcript.fixture.ts";

/** Numbers that a workflow and what happens to it are drawn from: fewer of them are a smaller story. */
type Scenario = {
  readonly whole: number;
  readonly steps: readonly number[];
  readonly moves: readonly number[];
  readonly limits: ExecutionLimits;
  readonly successShare: number;
};

const draw = fc.integer({ min: 0, max: 0xffff_ffff });
const draws = (minLength: number, maxLength: number) => fc.array(draw, { minLength, maxLength, size: "max" });

const limits = fc.oneof(
  { weight: 6, arbitrary: fc.constant(defaultExecutionLimits) },
  { weight: 1, arbitrary: fc.constant({ ...defaultExecutionLimits, payloadBytesMax: 70 }) },
  { weight: 1, arbitrary: fc.constant({ ...defaultExecutionLimits, executionBytesMax: 600 }) },
);

function scenarios(stepsMin: number, stepsMax: number, movesMax: number): fc.Arbitrary<Scenario> {
  return fc.record({
    whole: draw,
    steps: draws(stepsMin, stepsMax),
    moves: draws(0, movesMax),
    limits,
    successShare: fc.constantFrom(0.2, 0.5, 0.9),
  });
}

const tally = newTally();

function play({ whole, steps, moves, limits, successShare }: Scenario): void {
  const run = beginRun(workflowFrom(whole, steps), limits, tally);
  feed(run, startInput({ yes: true, no: false }));
  for (const move of moves) anyMove(run, { successShare }, move);
  inspect(run);
  playFair(run);
  inspect(run);
  countEnd(run);
  answerLate(run);
  restart(run, false);
  inspect(run);
}

/** A failure names its seed and path: `fc.assert(…, { seed, path })` plays it again. */
function prove(scenario: fc.Arbitrary<Scenario>, numRuns: number): void {
  const limit = { interruptAfterTimeLimit: 28_000, markInterruptAsFailure: true };
  fc.assert(fc.property(scenario, play), { numRuns, ...limit });
}

describe("any execution, in a hostile world", () => {
  it.each([
    { steps: "a few", runs: 1_500, scenario: scenarios(1, 8, 100) },
    { steps: "dozens of", runs: 600, scenario: scenarios(9, 50, 400) },
    { steps: "up to 200", runs: 100, scenario: scenarios(51, 200, 1_500) },
  ])("keeps every promise with $steps steps", ({ runs, scenario }) => {
    prove(scenario, runs);
  });

  it("has taken every edge of both tables, met every event, and ended in every way", () => {
    console.info(tallyText(tally));
    expect([...tally.step.keys()].sort()).toEqual(everyEdge.step.toSorted());
    expect([...tally.execution.keys()].sort()).toEqual(everyEdge.execution.toSorted());
    expect(tally.event.size).toBe(20);
    expect([...tally.skip.keys()].sort()).toEqual(["condition", "upstream"]);
    expect([...tally.end.keys()].sort()).toEqual(["CANCELLED", "FAILED", "SUCCEEDED"]);
  });
});
