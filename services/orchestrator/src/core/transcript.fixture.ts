import { advance } from "./advance.ts";
import type { Effect } from "./effect.ts";
import type { Binding, Event, SendRef } from "./event.ts";
import { blankExecution, type Execution } from "./execution.ts";
import { type Failure, isFailureCode } from "./failure.ts";
import type { Input } from "./input.ts";
import { type JsonObject, type JsonValue, jsonText } from "./json.ts";
import { defaultExecutionLimits, type ExecutionLimits } from "./limits.ts";
import { isRejection, type Rejection } from "./rejection.ts";
import { reviveWorkflow, type Workflow } from "./workflow.ts";

/** When every story begins. */
export const storyStartMs = Date.UTC(2030, 0, 1);

/** A workflow for tests: name, version and capability have defaults. */
export function testWorkflow(tree: JsonObject & { readonly steps: readonly JsonObject[] }): Workflow {
  const steps = tree.steps.map((step) => ({ capability: "work", ...step }));
  return reviveWorkflow({ workflow: "w", version: 1, ...tree, steps });
}

/** An execution that is told a story. */
export type Story = { readonly execution: Execution; nowMs: number };

export function beginStory(
  workflow: Workflow,
  id = "e1",
  limits: ExecutionLimits = defaultExecutionLimits,
): Story {
  return { execution: blankExecution(id, workflow, limits), nowMs: storyStartMs };
}

/**
 * Plays the lines of a script that begin with `>` and writes what follows under each, so that a script which
 * tells the truth comes back as it was. `-` is an event, `→` an effect. Times count from the start, in ms.
 */
export function told(story: Story | Workflow, script: string): string {
  const teller = "execution" in story ? story : beginStory(story);
  const lines = script.split("\n").flatMap((line) => {
    const [, indent, command] = /^( *)> (.+)$/.exec(line) ?? [];
    if (indent !== undefined && command !== undefined)
      return [line, ...play(teller, command).map((outcome) => `${indent}    ${outcome}`)];
    return /^ *(?:[-→!=] .*)$/.test(line) ? [] : [line];
  });
  return lines.join("\n");
}

function play(story: Story, command: string): readonly string[] {
  const wait = /^wait (-?\d+)$/.exec(command);
  if (wait) {
    story.nowMs += Number(wait[1]);
    return [];
  }
  const outcome = advance(story.execution, inputOf(command, story.execution), story.nowMs);
  if (isRejection(outcome)) return [`! ${rejectionText(outcome)}`];
  if (outcome.events.length === 0) return ["= nothing"];
  return [
    ...outcome.events.map(({ event }) => `- ${eventLine(event)}`),
    ...outcome.effects.map((effect) => `→ ${effectLine(effect)}`),
  ];
}

function rejectionText({ reason, message, problems = [] }: Rejection): string {
  const fields = problems.map((problem) => ` [${problem.field}: ${problem.message}]`);
  return `${reason}: ${message}${fields.join("")}`;
}

type Reader = (parts: readonly string[], execution: Execution) => Input;

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/^start (.+)$/, ([, payload]) => startInput(JSON.parse(payload!) as JsonValue)],
  [/^cancel(?: because (.+))?$/, ([, reason = ""]) => ({ kind: "cancel", reason, requestedBy: "ada" })],
  [/^pause(?: because (.+))?$/, ([, reason = ""]) => ({ kind: "pause", reason, requestedBy: "ada" })],
  [/^resume$/, () => ({ kind: "resume", requestedBy: "ada" })],
  [
    /^complete (\S+) with (.+)$/,
    ([, ref, payload]) => ({
      kind: "complete",
      ...refOf(ref!),
      outcome: { kind: "succeeded", payload: jsonText(payload!) },
    }),
  ],
  [
    /^complete (\S+) as ([A-Z_]+)$/,
    ([, ref, code]) => ({
      kind: "complete",
      ...refOf(ref!),
      outcome: { kind: "failed", failure: failureOf(code!) },
    }),
  ],
  [/^due (\w+)(?: at (\w+))?$/, ([, step, agent]) => dueInput(step!, agent)],
  [
    /^succeeded (\S+) (.+)$/,
    ([, ref, payload]) => ({ kind: "step.succeeded", ...refOf(ref!), payload: jsonText(payload!) }),
  ],
  [
    /^failed (\S+) ([A-Z_]+)(?: (\{.*\}))?$/,
    ([, ref, code, extra]) => ({ kind: "step.failed", ...refOf(ref!), failure: failureOf(code!, extra) }),
  ],
  [/^later (\S+)$/, ([, ref]) => ({ kind: "step.deferred", ...refOf(ref!) })],
  [/^heartbeat missed (\S+)$/, ([, ref]) => ({ kind: "step.heartbeat_missed", ...refOf(ref!) })],
  [
    /^timed out (\S+)(?: until \+(\d+))?$/,
    ([, ref, until], execution) => ({
      kind: "step.timed_out",
      ...refOf(ref!),
      deadlineMs: until === undefined ? deadlineOf(execution, refOf(ref!)) : storyStartMs + Number(until),
    }),
  ],
  [
    /^queue timed out (\w+)(?: until \+(\d+))?$/,
    ([, step, until], { workflow, steps }) => ({
      kind: "step.queue_timed_out",
      step: step!,
      deadlineMs:
        until === undefined
          ? (steps[workflow.indexOf.get(step!)!]!.queueDeadlineMs ?? 0)
          : storyStartMs + Number(until),
    }),
  ],
  [
    /^rejected (\S+) (.+?)( over budget)?$/,
    ([, ref, reason, isOver]) => ({
      kind: "step.rejected",
      ...refOf(ref!),
      reason: reason!,
      isAffordable: isOver === undefined,
    }),
  ],
  [/^lost (\S+) (.+)$/, ([, ref, reason]) => ({ kind: "step.lost", ...refOf(ref!), reason: reason! })],
  [
    /^time is up(?: until \+(\d+))?$/,
    ([, until], { deadlineMs = 0 }) => ({
      kind: "execution.timed_out",
      deadlineMs: until === undefined ? deadlineMs : storyStartMs + Number(until),
    }),
  ],
  [/^unreachable (\w+)$/, ([, step]) => ({ kind: "step.unreachable", step: step! })],
  [/^finished$/, () => ({ kind: "execution.finished" })],
];

/** What a line of a script gives the execution. A timer brings the deadline that is in force, unless the line has one. */
export function inputOf(command: string, execution: Execution): Input {
  for (const [pattern, read] of readers) {
    const parts = pattern.exec(command);
    if (parts) return read(parts, execution);
  }
  throw new Error(`no such command: ${command}`);
}

function deadlineOf({ workflow, steps }: Execution, { step }: SendRef): number {
  const { state } = steps[workflow.indexOf.get(step)!]!;
  return state.status === "RUNNING" || state.status === "WAITING" ? state.deadlineMs : 0;
}

/** A start of a registered workflow, by ada in the namespace "default". */
export function startInput(payload: JsonValue): Extract<Input, { kind: "start" }> {
  return {
    kind: "start",
    namespace: "default",
    inline: false,
    labels: {},
    createdBy: "ada",
    payload: jsonText(JSON.stringify(payload)),
  };
}

function dueInput(step: string, agentId: string | undefined): Input {
  return { kind: "step.due", step, binding: agentId === undefined ? undefined : bindingAt(agentId) };
}

/** The first process of an agent. */
export function bindingAt(agentId: string): Binding {
  return { agentId, incarnation: `${agentId}#1` };
}

function refOf(text: string): SendRef {
  const [step = "", attempt, send] = text.split("/");
  return { step, attempt: Number(attempt), send: Number(send) };
}

function failureOf(code: string, extra = "{}"): Failure {
  if (!isFailureCode(code)) throw new Error(`no such code: ${code}`);
  return { code, message: "it broke", ...(JSON.parse(extra) as Partial<Failure>) };
}

function eventLine(event: Event): string {
  const { kind } = event;
  switch (event.kind) {
    case "execution.started":
      return `${kind} ${event.payload.text}${event.vars ? ` with vars ${event.vars.text}` : ""}`;
    case "execution.succeeded":
      return `${kind} ${event.payload.text}`;
    case "execution.cancel_requested":
      return `${kind} by ${event.requestedBy}${because(event.reason)}`;
    case "execution.paused":
      return `${kind} by ${event.requestedBy}${because(event.reason)}`;
    case "execution.resumed":
      return `${kind} by ${event.requestedBy}`;
    case "execution.cancelled":
      return `${kind}${because(event.reason)}`;
    case "execution.timed_out":
      return kind;
    case "execution.failed":
      return `${kind} ${failureText(event.failure)}`;
    case "step.queued":
    case "step.cancelled":
      return `${kind} ${event.step}`;
    case "step.started":
      return `${kind} ${refText(event)} at ${event.agentId}${event.payload ? ` ${event.payload.text}` : ""}`;
    case "step.failed_over":
      return `${kind} ${refText(event)} from ${event.agentId}${because(event.reason)}, due ${at(event.dueAtMs)}`;
    case "step.interrupted":
      return `${kind} ${refText(event)} at ${event.agentId}${because(event.reason)}`;
    case "step.attempt_failed":
      return `${kind} ${refText(event)} ${failureText(event.failure)}`;
    case "step.retry_scheduled":
      return `${kind} ${event.step}/${event.attempt} due ${at(event.dueAtMs)}`;
    case "step.waiting":
      return `${kind} ${refText(event)}`;
    case "step.skipped":
      return `${kind} ${event.step} because of ${event.cause}`;
    case "step.succeeded":
    case "step.succeeded_late":
      return `${kind} ${refText(event)} ${event.payload.text}`;
    case "step.failed":
      return `${kind} ${event.step} ${failureText(event.failure)}`;
  }
}

function effectLine(effect: Effect): string {
  const { kind } = effect;
  switch (effect.kind) {
    case "due":
      return `${kind} ${effect.step} ${at(effect.dueAtMs)}`;
    case "send":
      return `${kind} ${refText(effect)} to ${effect.binding.agentId} ${effect.input.text} until ${untilText(effect.deadlineMs)}`;
    case "extend":
      return `${kind} ${refText(effect)} until ${untilText(effect.deadlineMs)}`;
    case "cancel":
      return `${kind} ${refText(effect)} at ${effect.binding.agentId}${because(effect.reason)}`;
    case "timer":
      return `${kind} ${effect.fact.kind}${"step" in effect.fact ? ` ${effect.fact.step}` : ""} ${at(effect.dueAtMs)}`;
    case "decide":
      return `${kind} ${effect.fact.kind}`;
    case "ended":
      return `${kind} ${effect.status} ${at(effect.endedAtMs)}`;
  }
}

function refText({ step, attempt, send }: SendRef): string {
  return `${step}/${attempt}/${send}`;
}

function because(reason: string): string {
  return reason === "" ? "" : ` because ${reason}`;
}

function untilText(deadlineMs: number | undefined): string {
  return deadlineMs === undefined ? "resumed" : at(deadlineMs);
}

function at(ms: number): string {
  return `${ms < storyStartMs ? "" : "+"}${ms - storyStartMs}`;
}

function failureText({ code, message, reason, stepId }: Failure): string {
  const where = stepId === undefined ? "" : ` in ${stepId}`;
  return `${code}${reason === undefined ? "" : ` ${reason}`}${where}: ${message}`;
}
