import assert from "node:assert/strict";
import type { SendRef } from "./event.ts";
import type { Failure } from "./failure.ts";
import { feed, inspect, type Run, restart, takeSnapshot } from "./hostile-run.fixture.ts";
import type { Fact, Input } from "./input.ts";
import { jsonText } from "./json.ts";
import { type Chance, chance } from "./random-workflow.fixture.ts";
import { bindingAt, startInput, storyStartMs } from "./transcript.fixture.ts";

/** How the world treats this execution: how often a handler succeeds. */
export type Temper = { readonly successShare: number };

/** One number decides on one move, so that leaving moves out leaves the others as they were. */
export function anyMove(run: Run, temper: Temper, seed: number): void {
  const drawn = chance(seed);
  const { is, below } = drawn;
  const size = run.execution.steps.length;
  if (is(1 / (12 + size))) takeSnapshot(run);
  if (is(1 / (8 + size))) restart(run, is(0.5));
  if (is(0.3)) run.nowMs += below(3_000);
  if (is(0.02)) run.nowMs -= below(8_000);
  const input = anyInput(run, temper, drawn);
  feed(run, input);
  if (is(0.2)) assert.deepEqual(feed(run, input), [], `a second ${input.kind} changes something`);
  if (is(20 / size)) inspect(run);
}

type Draw = (run: Run, chance: Chance, temper: Temper) => Input;

/** How often, in a thousand; what is left over goes to the two that make an execution go on. */
const rareMoves: readonly (readonly [number, Draw])[] = [
  [1, () => ({ kind: "cancel", reason: "enough", requestedBy: "ada" })],
  [12, () => ({ kind: "pause", reason: "", requestedBy: "ada" })],
  [25, () => ({ kind: "resume", requestedBy: "ada" })],
  [5, () => startInput({ yes: true, no: false })],
  [5, () => ({ kind: "execution.finished" })],
  [10, (run, { of }) => ({ kind: "step.unreachable", step: of(run.execution.workflow.definition.steps).id })],
  [80, anyTimer],
];

function anyInput(run: Run, temper: Temper, drawn: Chance): Input {
  let rest = drawn.below(1_000);
  for (const [share, draw] of rareMoves) {
    rest -= share;
    if (rest < 0) return draw(run, drawn, temper);
  }
  return run.sent.length > 0 && drawn.is(0.55) ? anyAnswer(run, drawn, temper) : anyDue(run, drawn);
}

/** Of those that were ever armed: most of them are stale. The whole execution's comes up seldom. */
function anyTimer({ timers }: Run, { of, below, is }: Chance): Fact {
  const recent = timers.slice(-10);
  if (recent.length === 0) return { kind: "execution.timed_out", deadlineMs: storyStartMs };
  const fact = of(is(0.7) ? recent : timers);
  if (fact.kind === "execution.timed_out" && below(20) > 0)
    return { ...fact, deadlineMs: fact.deadlineMs + 1 };
  return fact;
}

function anyDue({ execution }: Run, { of, is }: Chance): Fact {
  const { steps } = execution.workflow.definition;
  const active = [...execution.active].map((index) => steps[index]!.id);
  const step = is(0.9) && active.length > 0 ? of(active) : of(steps).id;
  return { kind: "step.due", step, binding: is(0.35) ? undefined : bindingAt(of(["x", "y", "z"])) };
}

const codes = ["UNAVAILABLE", "INTERNAL", "ABORTED", "RESOURCE_EXHAUSTED", "UNKNOWN"] as const;

function anyFailure({ of, is }: Chance): Failure {
  return { code: is(0.2) ? "NOT_FOUND" : of(codes), message: "it broke" };
}

/** What handlers return; sometimes more than the limits of some executions allow. */
function anyOutput(step: string, { is, below }: Chance) {
  return jsonText(`{"of":"${step}","ok":${is(0.7)},"more":"${"x".repeat(is(0.1) ? below(60) : 0)}"}`);
}

/** Any answer to any send that was ever made, some with numbers that were never sent. */
function anyAnswer(run: Run, drawn: Chance, { successShare }: Temper): Input {
  const { of, below, is } = drawn;
  const sent = of(is(0.7) ? run.sent.slice(-8) : run.sent);
  const { step } = sent;
  const ref = is(0.05)
    ? { step, attempt: sent.attempt + below(3) - 1, send: sent.send + below(3) - 1 }
    : sent;
  if (is(successShare)) return { kind: "step.succeeded", ...ref, payload: anyOutput(step, drawn) };
  return of(answers)(run, ref, drawn);
}

type Answer = (run: Run, ref: SendRef, chance: Chance) => Input;

const complete: Answer = (_run, ref, drawn) => ({
  kind: "complete",
  ...ref,
  outcome: drawn.is(0.7)
    ? { kind: "succeeded", payload: anyOutput(ref.step, drawn) }
    : { kind: "failed", failure: anyFailure(drawn) },
});
const fail: Answer = (_run, ref, drawn) => ({ kind: "step.failed", ...ref, failure: anyFailure(drawn) });
const defer: Answer = (_run, ref) => ({ kind: "step.deferred", ...ref });
const timeOut: Answer = (run, ref, { is }) => ({
  kind: "step.timed_out",
  ...ref,
  deadlineMs: deadlineOf(run, ref) + (is(0.1) ? 1 : 0),
});
const reject: Answer = (_run, ref, { is }) => ({
  kind: "step.rejected",
  ...ref,
  reason: "full",
  isAffordable: is(0.8),
});
const lose: Answer = (_run, ref) => ({ kind: "step.lost", ...ref, reason: "crash" });
const missHeartbeat: Answer = (_run, ref) => ({ kind: "step.heartbeat_missed", ...ref });

const answers: readonly Answer[] = [
  complete,
  complete,
  fail,
  fail,
  defer,
  defer,
  timeOut,
  reject,
  reject,
  lose,
  lose,
  lose,
  lose,
  missHeartbeat,
];

function deadlineOf({ execution: { workflow, steps } }: Run, { step }: SendRef): number {
  const { state } = steps[workflow.indexOf.get(step)!]!;
  return state.status === "RUNNING" || state.status === "WAITING" ? state.deadlineMs : 0;
}
