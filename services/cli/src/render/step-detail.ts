import type { StepView } from "../progress/execution-view.ts";
import { type Line, lineOf, spanOf } from "./line.ts";
import { progressBar } from "./progress-bar.ts";
import { durationText } from "./time.ts";

const barColumns = 12;

export type Moment = {
  readonly nowMs: number;
  /** Why steps that no agent has taken wait, by capability. */
  readonly waiting: ReadonlyMap<string, string>;
};

/** What there is to say of a step beyond its state: where it runs, how far it is, what it waits for. */
export function stepDetail(step: StepView, moment: Moment): Line {
  const late = step.succeededLate ? [spanOf("  succeeded late", "yellow")] : [];
  return [...stateDetail(step, moment), ...late];
}

function stateDetail(step: StepView, { nowMs, waiting }: Moment): Line {
  const { state } = step;
  switch (state.status) {
    case "pending":
      return awaitedLine(step);
    case "queued":
      return lineOf(waiting.get(step.capability) ?? "waits for an agent", "yellow");
    case "running":
      return [...progressSpans(step), ...attemptSpans(step), spanOf(state.agentId, "dim")];
    case "retrying":
      return [
        spanOf(`attempt ${step.attempt} in ${durationText(Math.max(0, state.dueMs - nowMs))}`, "yellow"),
        ...(state.failure === undefined ? [] : [spanOf(`  ${state.failure}`, "red")]),
      ];
    case "waiting":
      return [...attemptSpans(step), spanOf("waits to be completed", "yellow")];
    case "succeeded":
      return [...attemptSpans(step), spanOf(state.agentId, "dim")];
    case "failed":
      return lineOf(state.failure, "red");
    case "skipped":
      return lineOf(`skipped: ${state.cause}`, "dim");
    case "cancelled":
      return lineOf(step.startedMs === undefined ? "never started" : "cancelled", "dim");
  }
}

/** How long it has run or waited; empty when it has done neither. */
export function stepElapsed({ state, startedMs }: StepView, nowMs: number): string {
  const since = startedMs ?? (state.status === "queued" ? state.sinceMs : undefined);
  if (since === undefined) return "";
  const until = "endedMs" in state ? state.endedMs : nowMs;
  return durationText(Math.max(0, until - since));
}

/** With one dependency the rails tell it already. */
function awaitedLine({ dependencies = [] }: StepView): Line {
  return dependencies.length > 1 ? lineOf(`← ${dependencies.join(", ")}`, "dim") : [];
}

function progressSpans({ state }: StepView): Line {
  if (state.status !== "running" || !state.progress) return [];
  const { fraction, message } = state.progress;
  const percent = `${String(Math.round(fraction * 100)).padStart(3)} %`;
  return [...progressBar(fraction, barColumns), spanOf(`${percent}${message && `  ${message}`}  `)];
}

function attemptSpans({ attempt }: StepView): Line {
  return attempt > 1 ? [spanOf(`attempt ${attempt}  `, "yellow")] : [];
}
