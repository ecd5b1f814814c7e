import assert from "node:assert/strict";
import { advance } from "./advance.ts";
import { dispatchId } from "./dispatch-id.ts";
import { count, countEdges, type Tally } from "./edge-tally.fixture.ts";
import type { Event, RecordedEvent, SendRef } from "./event.ts";
import { decodeEvent, type EncodedEvent, encodeEvent } from "./event-codec.ts";
import { evolve } from "./evolve.ts";
import { blankExecution, type Execution, findStep, type StepState } from "./execution.ts";
import type { Fact, Input } from "./input.ts";
import type { ExecutionLimits } from "./limits.ts";
import { addYielded, checkOpen, checkYielded, type OpenEffects, settle } from "./open-effects.fixture.ts";
import { checkInvariants, checkPromises, survivorsOf } from "./promises.fixture.ts";
import { isRejection } from "./rejection.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";
import { storyStartMs } from "./transcript.fixture.ts";
import type { Workflow } from "./workflow.ts";

/**
 * One execution in a hostile world. `execution` is what the engine holds, and a restart replaces it; `seen`
 * folds the log event by event and is never replaced; `open` is what has been yielded and not settled.
 */
export type Run = {
  execution: Execution;
  readonly seen: Execution;
  readonly survivors: ReadonlySet<number>;
  readonly log: { readonly sequence: number; readonly timeMs: number; readonly encoded: EncodedEvent }[];
  snapshot: string | undefined;
  payloadBytes: number;
  readonly open: OpenEffects;
  readonly sent: SendRef[];
  readonly ids: Set<string>;
  readonly timers: Fact[];
  /** `atMostOnce` steps of which nobody knows whether they have run. */
  readonly uncertain: Set<string>;
  readonly tally: Tally;
  nowMs: number;
};

export function beginRun(workflow: Workflow, limits: ExecutionLimits, tally: Tally): Run {
  return {
    execution: blankExecution("e1", workflow, limits),
    seen: blankExecution("e1", workflow, limits),
    survivors: survivorsOf(workflow),
    log: [],
    snapshot: undefined,
    payloadBytes: 0,
    open: new Map(),
    sent: [],
    ids: new Set(),
    timers: [],
    uncertain: new Set(),
    tally,
    nowMs: storyStartMs,
  };
}

/** Gives the execution one input, and returns the events: none when it changes nothing or is refused. */
export function feed(run: Run, input: Input): readonly Event[] {
  const outcome = advance(run.execution, input, run.nowMs);
  if (isRejection(outcome) || outcome.events.length === 0) return [];
  noteUncertain(run, input);
  const fresh = new Set<string>();
  for (const recorded of outcome.events) record(run, recorded, fresh);
  checkYielded(run.open, fresh, outcome.effects);
  for (const effect of outcome.effects) {
    if (effect.kind === "send") send(run, effect);
    if (effect.kind === "timer") run.timers.push(effect.fact);
  }
  return outcome.events.map(({ event }) => event);
}

/** Only what was lost after it may have begun is uncertain, not what failed or was refused. */
function noteUncertain({ seen, uncertain }: Run, input: Input): void {
  const isUncertain =
    input.kind === "step.lost" || input.kind === "step.timed_out" || input.kind === "step.heartbeat_missed";
  if (isUncertain && findStep(seen, input.step)!.step.atMostOnce) uncertain.add(input.step);
}

function record(run: Run, recorded: RecordedEvent, fresh: Set<string>): void {
  const { event, sequence, timeMs } = recorded;
  checkPromises(run.seen, event, run.survivors);
  if (event.kind === "step.started")
    assert(!run.uncertain.has(event.step), `${event.step} may have run, and must not run twice`);
  const untouched = event.kind === "step.succeeded_late" ? stateOf(run, event.step) : undefined;
  const encoded = encodeEvent(event);
  run.log.push({ sequence, timeMs, encoded });
  run.payloadBytes += Buffer.byteLength(encoded.payload ?? "");
  countEdges(run.tally, run.seen, recorded, () => {
    const yielded = evolve(run.seen, recorded);
    settle(run.open, event);
    addYielded(run.open, yielded, fresh);
  });
  if (untouched && "step" in event)
    assert.equal(stateOf(run, event.step), untouched, `a late success moves ${event.step}`);
}

function stateOf({ seen }: Run, step: string): StepState {
  return findStep(seen, step)!.run.state;
}

function send(run: Run, { step, attempt, send: number }: SendRef): void {
  const ref = { step, attempt, send: number };
  const id = dispatchId(run.execution.id, ref);
  assert(!run.ids.has(id), `${id} is sent twice`);
  run.ids.add(id);
  run.sent.push(ref);
}

/** All that must hold between two inputs. */
export function inspect({ execution, seen, open, survivors, log, payloadBytes }: Run): void {
  checkOpen(open, seen);
  checkInvariants(execution, survivors);
  assert.equal(execution.sequence, log.length, "sequence");
  assert.equal(execution.payloadBytes, payloadBytes, "payloadBytes");
  assert.deepEqual(execution, seen, "what the engine holds and the folded log");
}

/** The process dies; a new one has nothing but the log, or a snapshot and what the log has after it. */
export function restart(run: Run, fromSnapshot: boolean): void {
  const { id, workflow, limits } = run.execution;
  const folded =
    fromSnapshot && run.snapshot
      ? decodeSnapshot(id, workflow, limits, run.snapshot)
      : blankExecution(id, workflow, limits);
  for (const { sequence, timeMs, encoded } of run.log.slice(folded.sequence))
    evolve(folded, { sequence, timeMs, event: decodeEvent(encoded) });
  assert.deepEqual(folded, run.execution, "what a new process reads and what the old one held");
  run.execution = folded;
}

export function takeSnapshot(run: Run): void {
  run.snapshot = encodeSnapshot(run.execution);
}

export function countEnd({ tally, execution: { state } }: Run): void {
  count(tally, "end", state.status);
}
