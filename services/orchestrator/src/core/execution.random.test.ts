import assert from "node:assert/strict";
import { beforeAll, describe, expect, it } from "vitest";
import { advance } from "./advance.ts";
import { dispatchId } from "./dispatch-id.ts";
import type { Effect } from "./effect.ts";
import { effects } from "./effects.ts";
import type { EventKind, RecordedEvent, SendRef } from "./event.ts";
import { decodeEvent, encodeEvent } from "./event-codec.ts";
import { evolve } from "./evolve.ts";
import { blankExecution, type Execution, findStep, hasEnded, stepTransitions } from "./execution.ts";
import type { Fact, Input } from "./input.ts";
import { jsonText } from "./json.ts";
import { type Chance, chance, randomWorkflow } from "./random-workflow.fixture.ts";
import { isRejection } from "./rejection.ts";
import { bindingAt, startInput, storyStartMs } from "./transcript.fixture.ts";

/**
 * One execution in a hostile world. `seen` folds the log event by event, `execution` is what the engine holds;
 * `open` is what `evolve` has yielded and no event has settled.
 */
type Run = {
  readonly chance: Chance;
  execution: Execution;
  readonly seen: Execution;
  readonly log: { readonly sequence: number; readonly timeMs: number; readonly encoded: string }[];
  readonly open: Map<string, Effect>;
  readonly sent: SendRef[];
  readonly ids: Set<string>;
  readonly edges: Set<string>;
  readonly kinds: Set<EventKind>;
  nowMs: number;
};

function beginRun(seed: number, stepsMax: number): Run {
  const drawn = chance(seed);
  const workflow = randomWorkflow(drawn, stepsMax);
  return {
    chance: drawn,
    execution: blankExecution(`e${seed}`, workflow),
    seen: blankExecution(`e${seed}`, workflow),
    log: [],
    open: new Map(),
    sent: [],
    ids: new Set(),
    edges: new Set(),
    kinds: new Set(),
    nowMs: storyStartMs,
  };
}

/** Gives the execution one input; true when it changed something. */
function feed(run: Run, input: Input): boolean {
  const outcome = advance(run.execution, input, run.nowMs);
  if (isRejection(outcome) || outcome.events.length === 0) return false;
  const before = new Set(standing(run));
  for (const recorded of outcome.events) record(run, recorded);
  const yielded = outcome.effects.filter(({ kind }) => kind === "due" || kind === "send" || kind === "timer");
  assert.deepEqual(
    flatten(yielded),
    standing(run).filter((effect) => !before.has(effect)),
    "what advance yields",
  );
  for (const effect of outcome.effects) if (effect.kind === "send") send(run, effect);
  assert.deepEqual(standing(run), flatten(effects(run.seen)), "open effects and effects of the state");
  checkInvariants(run.execution);
  return true;
}

function send(run: Run, { step, attempt, send: number }: SendRef): void {
  const id = dispatchId(run.execution.id, { step, attempt, send: number });
  assert(!run.ids.has(id), `${id} is sent twice`);
  run.ids.add(id);
  run.sent.push({ step, attempt, send: number });
}

function record(run: Run, recorded: RecordedEvent): void {
  const { event, sequence, timeMs } = recorded;
  const { seen, open, edges, kinds } = run;
  if (event.kind === "step.started") assertReady(seen, event.step);
  assert(!hasEnded(seen), `${event.kind} after the end`);
  run.log.push({ sequence, timeMs, encoded: JSON.stringify(encodeEvent(event)) });
  kinds.add(event.kind);
  const before = "step" in event ? findStep(seen, event.step)!.run.state.status : undefined;
  const yielded = evolve(seen, recorded);
  if ("step" in event) {
    const after = findStep(seen, event.step)!.run.state.status;
    if (after !== before) edges.add(`${before} → ${after}`);
    // What the step asked for before is settled by whatever moved it.
    if (after !== before || event.kind === "step.failed_over") open.delete(event.step);
  }
  if (hasEnded(seen)) open.clear();
  for (const effect of yielded) {
    if (effect.kind === "due" || effect.kind === "send") open.set(effect.step, effect);
    if (effect.kind === "timer") open.set("", effect);
  }
}

function assertReady({ workflow, steps }: Execution, step: string): void {
  for (const dependency of workflow.plan.dependencies[workflow.indexOf.get(step)!]!)
    assert.equal(steps[dependency]!.state.status, "SUCCEEDED", `${step} starts before its dependencies`);
}

function standing({ open }: Run): readonly string[] {
  return flatten(open.values());
}

function flatten(all: Iterable<Effect>): readonly string[] {
  return Array.from(all, (effect) => JSON.stringify(effect)).sort();
}

function checkInvariants({ steps, active, unfinished, state }: Execution): void {
  const isOver = state.status !== "PENDING" && state.status !== "RUNNING";
  let open = 0;
  for (const [index, { state: step }] of steps.entries()) {
    const isTerminal = stepTransitions[step.status].length === 0;
    if (!isTerminal) open++;
    const isDue = step.status === "PENDING" && step.isDue;
    const isActive = step.status === "RUNNING" || step.status === "RETRYING" || isDue;
    assert.equal(active.has(index), isActive, `step ${index} in active`);
    assert(!isOver || !isActive, `step ${index} is active after the end`);
  }
  assert.equal(unfinished, open, "unfinished");
}

/** The process dies; a new one has nothing but the log. */
function restart(run: Run): void {
  const folded = blankExecution(run.execution.id, run.execution.workflow);
  for (const { sequence, timeMs, encoded } of run.log)
    evolve(folded, { sequence, timeMs, event: decodeEvent(JSON.parse(encoded)) });
  assert.deepEqual(folded, run.execution, "the folded log and the state");
  run.execution = folded;
}

const codes = ["UNAVAILABLE", "INTERNAL", "ABORTED", "RESOURCE_EXHAUSTED", "UNKNOWN"] as const;

/** Any answer to any send that was ever made, some with numbers that were never sent. */
function anyAnswer({ chance: { of, below, is }, sent }: Run): Fact {
  const recent = is(0.6) ? sent.slice(-8) : sent;
  const { step, attempt, send } = of(recent);
  const ref = is(0.05)
    ? { step, attempt: attempt + below(2), send: send + below(3) - 1 }
    : { step, attempt, send };
  const kind = below(20);
  if (kind < 13) return { kind: "step.succeeded", ...ref, payload: jsonText(`{"of":"${step}"}`) };
  if (kind < 15)
    return {
      kind: "step.failed",
      ...ref,
      failure: { code: is(0.05) ? "NOT_FOUND" : of(codes), message: "" },
    };
  if (kind < 16) return { kind: "step.timed_out", ...ref };
  if (kind < 18) return { kind: "step.rejected", ...ref, reason: "full" };
  return { kind: "step.lost", ...ref, reason: "crash" };
}

function anyStepDue({ chance: { of, is }, execution }: Run): Fact {
  const { steps } = execution.workflow.definition;
  const active = [...execution.active].map((index) => steps[index]!.id);
  const step = is(0.9) && active.length > 0 ? of(active) : of(steps).id;
  return { kind: "step.due", step, binding: is(0.2) ? undefined : bindingAt(of(["x", "y", "z"])) };
}

function anyMove(run: Run): void {
  const { is, below } = run.chance;
  if (is(0.03)) restart(run);
  run.nowMs += is(0.3) ? below(3_000) : 0;
  if (is(0.001)) feed(run, { kind: "cancel", reason: "", requestedBy: "ada" });
  if (is(0.001)) feed(run, { kind: "execution.timed_out" });
  if (is(0.01)) feed(run, { kind: "execution.finished" });
  const input = run.sent.length > 0 && is(0.5) ? anyAnswer(run) : anyStepDue(run);
  feed(run, input);
  if (is(0.1)) assert(!feed(run, input), `a second ${input.kind} changes something`);
}

/** Agents that answer at once: whatever has happened, this ends the execution. */
function playFair(run: Run): void {
  for (let turn = 0; !hasEnded(run.execution); turn++) {
    assert(turn <= run.execution.steps.length, "it does not end");
    for (const effect of effects(run.execution)) answerFairly(run, effect);
  }
}

function answerFairly(run: Run, effect: Effect): void {
  if (effect.kind === "due") {
    run.nowMs = Math.max(run.nowMs, effect.dueAtMs);
    feed(run, { kind: "step.due", step: effect.step, binding: bindingAt("fair") });
  }
  const sent = effect.kind === "send" ? effect : run.sent.at(-1);
  if (sent) feed(run, { kind: "step.succeeded", ...refOf(sent), payload: jsonText("1") });
}

function refOf({ step, attempt, send }: SendRef): SendRef {
  return { step, attempt, send };
}

function play(seed: number, stepsMax: number): Run {
  const run = beginRun(seed, stepsMax);
  try {
    feed(run, startInput({ seed }));
    const moves = 6 * run.execution.steps.length;
    for (let move = 0; move < moves; move++) anyMove(run);
    playFair(run);
    restart(run);
    for (let late = 0; late < 10 && run.sent.length > 0; late++)
      assert(!feed(run, anyAnswer(run)), "a late fact changes something");
  } catch (cause) {
    throw new Error(`seed ${seed}`, { cause });
  }
  return run;
}

const runs = 500;
const stepsMax = 60;

describe("any execution, in a hostile world", () => {
  let played: readonly Run[] = [];
  beforeAll(() => {
    played = Array.from({ length: runs }, (_, index) => play(index + 1, stepsMax));
  });
  const seen = <T>(of: (run: Run) => Iterable<T>): readonly T[] => [
    ...new Set(played.flatMap((run) => [...of(run)])),
  ];

  it("starts no step early, sends nothing twice, ends, and is what its log says at every point", () => {
    expect(played).toHaveLength(runs);
    expect(Math.max(...played.map(({ execution }) => execution.steps.length))).toBeGreaterThan(50);
  });

  it("has taken every edge of a step's table, met every kind of event, and ended in every way", () => {
    const legal = Object.entries(stepTransitions).flatMap(([from, all]) =>
      all.map((to) => `${from} → ${to}`),
    );
    expect(seen(({ edges }) => edges).toSorted()).toEqual(legal.toSorted());
    expect(seen(({ kinds }) => kinds)).toHaveLength(15);
    expect(seen(({ execution }) => [execution.state.status]).toSorted()).toEqual([
      "CANCELLED",
      "FAILED",
      "SUCCEEDED",
    ]);
  });
});
