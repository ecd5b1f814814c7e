import { advance } from "./advance.ts";
import { effects } from "./effects.ts";
import type { RecordedEvent } from "./event.ts";
import { decodeEvent, type EncodedEvent, encodeEvent } from "./event-codec.ts";
import { evolve } from "./evolve.ts";
import { blankExecution, type Execution } from "./execution.ts";
import type { JsonObject } from "./json.ts";
import { defaultExecutionLimits, type ExecutionLimits } from "./limits.ts";
import { isRejection } from "./rejection.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";
import { inputOf, storyStartMs } from "./transcript.fixture.ts";
import { reviveWorkflow, type Workflow } from "./workflow.ts";

/** A log as it is kept for ever: its definition, each event as the store has it, and what they come to. */
export type KeptLog = {
  readonly executionId: string;
  readonly definition: JsonObject;
  readonly events: readonly KeptEvent[];
  /** See `finalView`. */
  readonly final: string;
};

export type KeptEvent = EncodedEvent & { readonly sequence: number; readonly timeMs: number };

/** What happens to an execution, in the words of the transcripts. */
export type Tale = {
  readonly definition: JsonObject;
  readonly commands: readonly string[];
  readonly limits?: Partial<ExecutionLimits>;
};

/** Plays the tale with this release's rules; a command that does nothing is a mistake in it. */
export function recordTale(executionId: string, { definition, commands, limits }: Tale): KeptLog {
  const workflow = reviveWorkflow(definition);
  const execution = blankExecution(executionId, workflow, { ...defaultExecutionLimits, ...limits });
  const events: KeptEvent[] = [];
  let nowMs = storyStartMs;
  for (const command of commands) {
    const [, wait] = /^wait (\d+)$/.exec(command) ?? [];
    nowMs += Number(wait ?? 0);
    if (wait === undefined) events.push(...tell(execution, command, nowMs));
  }
  return { executionId, definition, events, final: finalView(execution) };
}

function tell(execution: Execution, command: string, nowMs: number): readonly KeptEvent[] {
  const outcome = advance(execution, inputOf(command, execution), nowMs);
  if (isRejection(outcome) || outcome.events.length === 0) throw new Error(`"${command}" does nothing`);
  return outcome.events.map(({ sequence, timeMs, event }) => ({ sequence, timeMs, ...encodeEvent(event) }));
}

/** Folds the log, once as it is and once through a snapshot halfway; both final views. */
export function replayLog({ executionId, definition, events }: KeptLog): readonly [string, string] {
  const workflow = reviveWorkflow(definition);
  const half = Math.floor(events.length / 2);
  const whole = fold(blankExecution(executionId, workflow), events);
  const first = fold(blankExecution(executionId, workflow), events.slice(0, half));
  return [finalView(whole), finalView(fold(throughSnapshot(first, workflow), events.slice(half)))];
}

function fold(execution: Execution, events: readonly KeptEvent[]): Execution {
  for (const { sequence, timeMs, ...encoded } of events) {
    const recorded: RecordedEvent = { sequence, timeMs, event: decodeEvent(encoded) };
    evolve(execution, recorded);
  }
  return execution;
}

function throughSnapshot(execution: Execution, workflow: Workflow): Execution {
  return decodeSnapshot(execution.id, workflow, execution.limits, encodeSnapshot(execution));
}

/** What is compared for ever: a later release may know more of an execution, and none of this otherwise. */
const keptKeys = `
  header namespace createdBy input vars startedAtMs text cancelRequested failure deadlineMs sequence payloadBytes
  state status isDue dueAtMs queued cause output endedAtMs sinceMs reason requestedBy binding agentId incarnation
  steps attempt send failovers interruptions queueDeadlineMs lateSuccess lastFailure
  code message retryable retryAfterMs stepId effects kind step fact
`;

/** The state, and what must be in flight; the same text whatever order its keys have in memory. */
export function finalView(execution: Execution): string {
  return JSON.stringify({ ...execution, effects: effects(execution) }, keptKeys.match(/\w+/g));
}
