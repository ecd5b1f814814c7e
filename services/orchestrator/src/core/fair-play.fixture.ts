import assert from "node:assert/strict";
import type { Effect } from "./effect.ts";
import { effects } from "./effects.ts";
import type { SendRef } from "./event.ts";
import { findStep, hasEnded } from "./execution.ts";
import { feed, type Run } from "./hostile-run.fixture.ts";
import { jsonText } from "./json.ts";
import { bindingAt } from "./transcript.fixture.ts";

const fairOutput = jsonText('{"of":"it","ok":true}');

/** Agents that have room and answer at once: whatever has happened before, this ends the execution. */
export function playFair(run: Run): void {
  for (let turn = 0; !hasEnded(run.execution); turn++) {
    assert(turn <= run.execution.steps.length + 1, "it does not end");
    feed(run, { kind: "resume", requestedBy: "ada" });
    for (const effect of effects(run.execution)) answerFairly(run, effect);
  }
}

function answerFairly(run: Run, effect: Effect): void {
  if (effect.kind === "timer" && effect.fact.kind === "step.timed_out") complete(run, refOf(effect.fact));
  if (effect.kind === "send") succeed(run, effect);
  if (effect.kind !== "due") return;
  run.nowMs = Math.max(run.nowMs, effect.dueAtMs);
  const events = feed(run, { kind: "step.due", step: effect.step, binding: bindingAt("fair") });
  for (const event of events) if (event.kind === "step.started") succeed(run, event);
}

/** With an output or, when that is refused because there is no room for it, with saying so. */
function complete(run: Run, sent: SendRef): void {
  const completed = feed(run, {
    kind: "complete",
    ...sent,
    outcome: { kind: "succeeded", payload: fairOutput },
  });
  const failure = { code: "OUT_OF_RANGE", message: "no room" } as const;
  if (completed.length === 0) feed(run, { kind: "complete", ...sent, outcome: { kind: "failed", failure } });
}

function succeed(run: Run, sent: SendRef): void {
  feed(run, { kind: "step.succeeded", ...refOf(sent), payload: fairOutput });
}

function refOf({ step, attempt, send }: SendRef): SendRef {
  return { step, attempt, send };
}

/** After the end every send answers once more, twice: each step that was given up has one late success. */
export function answerLate(run: Run): void {
  const { state } = run.execution;
  for (const sent of [...run.sent, ...run.sent]) {
    const { run: step } = findStep(run.execution, sent.step)!;
    const wasGivenUp = step.state.status === "CANCELLED" || step.state.status === "FAILED";
    const expected = wasGivenUp && !step.lateSuccess ? ["step.succeeded_late"] : [];
    const events = feed(run, { kind: "step.succeeded", ...sent, payload: fairOutput });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      expected,
      `a success of ${sent.step} after the end`,
    );
  }
  assert.equal(run.execution.state, state, "a late success changes how it ended");
}
