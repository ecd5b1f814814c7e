import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@weft/proto/google/rpc/code_pb";
import { SkipCause } from "@weft/proto/weft/workflow/v1/event_pb";
import { describe, expect, it } from "vitest";
import { treeIfKnown } from "../graph/tree.ts";
import type { ExecutionView } from "../progress/execution-view.ts";
import {
  started,
  stepStarted,
  stepSucceeded,
  story,
  storyId,
  storyStartMs,
  succeeded,
} from "../testing/story.ts";
import { after, viewOf } from "../testing/view.ts";
import { executionLines } from "./execution-lines.ts";
import { lineWidth, paintLine } from "./line.ts";
import { plain } from "./paint.ts";

const diamond = [
  "collect",
  "measure < collect",
  "check < collect",
  "report < measure check",
  "notify < report",
];

function drawn(view: ExecutionView, afterMs: number, columns = 80, rows = 24): readonly string[] {
  const moment = {
    nowMs: storyStartMs + afterMs,
    waiting: new Map([["repo.check", "no agent offers repo.check"]]),
  };
  const lines = executionLines(view, treeIfKnown([...view.steps.values()]), moment, { columns, rows });
  expect(Math.max(...lines.map(lineWidth))).toBeLessThanOrEqual(columns);
  return lines.map((line) => paintLine(line, plain));
}

const half = story(
  [0, started()],
  [0, stepStarted("collect", "agent-7")],
  [1_200, stepSucceeded("collect")],
  [1_200, stepStarted("measure", "agent-7")],
  [1_200, { case: "stepQueued", value: { stepId: "check" } }],
  [2_000, { case: "stepProgressed", value: { stepId: "measure", fraction: 0.625, message: "読み込み" } }],
);

describe("an execution on the screen", () => {
  it("is a tree with what each step does", () => {
    expect(drawn(after(viewOf(...diamond), half), 3_200)).toEqual([
      "report v1  running  3.2 s  1 of 5 steps  000-0mf3k9x2a-1f9c2e4b6a8d0c1e",
      "✓ collect     repo.collect    1.2 s  agent-7",
      "├─ ⠹ measure  repo.measure    2.0 s  ━━━━━━━╸──── 63 %  読み込み  agent-7",
      "├─ ◌ check    repo.check      2.0 s  no agent offers repo.check",
      "· report      repo.report            ← measure, check",
      "· notify      repo.notify",
    ]);
  });

  it("tells of retries, failures, and what never came to run", () => {
    const failure = { code: Code.UNAVAILABLE, message: "the index is\nbeing rebuilt" };
    const view = after(viewOf(...diamond), [
      ...half,
      ...story([
        3_000,
        { case: "stepAttemptFailed", value: { stepId: "measure", attempt: 1, send: 1, failure } },
      ]),
      ...story([
        3_000,
        {
          case: "stepRetryScheduled",
          value: { stepId: "measure", attempt: 2, dueTime: timestampFromMs(storyStartMs + 4_500) },
        },
      ]),
    ]);
    expect(drawn(view, 3_100)[2]).toBe(
      "├─ ↻ measure  repo.measure    1.9 s  attempt 2 in 1.4 s  UNAVAILABLE: the index…",
    );
    after(view, [
      ...story([4_500, stepStarted("measure", "agent-8", 2)]),
      ...story([5_000, { case: "stepFailed", value: { stepId: "measure", failure } }]),
      ...story([5_000, { case: "stepSkipped", value: { stepId: "report", cause: SkipCause.UPSTREAM } }]),
      ...story([5_000, { case: "executionFailed", value: { failure } }]),
    ]);
    expect(drawn(view, 9_000)).toEqual([
      "report v1  ✗ failed  5.0 s  2 of 5 steps  000-0mf3k9x2a-1f9c2e4b6a8d0c1e",
      "✓ collect     repo.collect    1.2 s  agent-7",
      "├─ ✗ measure  repo.measure    3.8 s  UNAVAILABLE: the index is being rebuilt",
      "├─ ⊘ check    repo.check             never started",
      "↷ report      repo.report            skipped: needs a step that did not succeed",
      "⊘ notify      repo.notify            never started",
    ]);
  });

  it("tells of a pause, of a step that waits to be completed, and of a success that came too late", () => {
    const view = after(viewOf("ask", "check", "tell"), [
      ...story([0, started()], [0, stepStarted("ask")], [0, stepStarted("check")]),
      ...story([100, { case: "stepWaiting", value: { stepId: "ask", attempt: 1, send: 1 } }]),
      ...story([200, { case: "executionPaused", value: { reason: "a look", requestedBy: "ada" } }]),
      ...story([300, { case: "stepCancelled", value: { stepId: "check" } }]),
      ...story([400, { case: "stepSucceededLate", value: { stepId: "check", attempt: 1, send: 1 } }]),
      ...story([400, { case: "stepSkipped", value: { stepId: "tell", cause: SkipCause.CONDITION } }]),
    ]);
    expect(drawn(view, 1_000)).toEqual([
      "report v1  paused: a look  1.0 s  1 of 3 steps  000-0mf3k9x2a-1f9c2e4b6a8d0c1e",
      "├─ ◇ ask    repo.ask      1.0 s  waits to be completed",
      "├─ ⊘ check  repo.check    0.3 s  cancelled  succeeded late",
      "└─ ↷ tell   repo.tell            skipped: its condition was false",
    ]);
  });

  it("names the attempt from the second on", () => {
    const view = after(
      viewOf("a"),
      story([0, started()], [0, stepStarted("a", "agent-7", 2)], [900, stepSucceeded("a")]),
    );
    expect(drawn(view, 900)[1]).toBe("✓ a  repo.a    0.9 s  attempt 2  agent-7");
  });

  it("fits a narrow window", () => {
    expect(drawn(after(viewOf(...diamond), half), 3_200, 40)).toEqual([
      "report v1  running  3.2 s  1 of 5 steps",
      "✓ collect     repo.coll…    1.2 s  agen…",
      "├─ ⠹ measure  repo.meas…    2.0 s  ━━━━…",
      "├─ ◌ check    repo.check    2.0 s  no a…",
      "· report      repo.repo…           ← me…",
      "· notify      repo.noti…",
    ]);
  });

  it("shows its id whole or not at all", () => {
    const header = (columns: number) => drawn(viewOf("a"), 0, columns)[0];
    expect([63, 62, 49, 20, 12].map(header)).toEqual([
      `report v1  running  0 of 1 step  ${storyId}`,
      `report v1  running  ${storyId}`,
      "report v1  running  0 of 1 step",
      "report v1  running",
      "report v1  …",
    ]);
  });

  it("fits a low window", () => {
    const wide = Array.from({ length: 100 }, (_, n) => `s${n} < first`);
    const view = after(viewOf("first", ...wide), story([0, started()], [0, stepStarted("first")]));
    expect(drawn(view, 500, 80, 5)).toEqual([
      "report v1  running  0.5 s  0 of 101 steps  000-0mf3k9x2a-1f9c2e4b6a8d0c1e",
      "⠴ first   repo.first    0.5 s  agent-1",
      "├─ · s0   repo.s0",
      "├─ · s1   repo.s1",
      "⋯ 98 pending",
    ]);
  });

  it("is a plain list where nobody knows what waits for what", () => {
    const view = viewOf("a", "b");
    for (const { dependencies: _, ...step } of view.steps.values()) view.steps.set(step.id, step);
    expect(drawn(after(view, story([0, started()], [50, succeeded()])), 50).slice(1)).toEqual([
      "⊘ a  repo.a           never started",
      "⊘ b  repo.b           never started",
    ]);
  });
});
