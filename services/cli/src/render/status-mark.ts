import type { ExecutionState, StepView } from "../progress/execution-view.ts";
import { type Span, spanOf } from "./line.ts";

const spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
/** How long each picture of the spinner stands. */
export const spinnerFrameMs = 100;

/** One column that tells a step's state. */
export function stepMark({ state, startedMs }: Pick<StepView, "state" | "startedMs">, nowMs: number): Span {
  switch (state.status) {
    case "pending":
      return { text: "·", style: "dim" };
    case "queued":
      return { text: "◌", style: "yellow" };
    case "running":
      return { text: spinner[Math.floor(nowMs / spinnerFrameMs) % spinner.length] ?? "·", style: "cyan" };
    case "retrying":
      return { text: "↻", style: "yellow" };
    case "waiting":
      return { text: "◇", style: "yellow" };
    case "succeeded":
      return { text: "✓", style: "green" };
    case "failed":
      return { text: "✗", style: "red" };
    case "skipped":
      return { text: "↷", style: "dim" };
    case "cancelled":
      return { text: "⊘", style: startedMs === undefined ? "dim" : "yellow" };
  }
}

/** The state of an execution, in a word; of a pause, the reason too. */
export function executionMark(state: ExecutionState): Span {
  switch (state.status) {
    case "running":
      return { text: "running", style: "cyan" };
    case "paused":
      return spanOf(state.reason === "" ? "paused" : `paused: ${state.reason}`, "yellow");
    case "cancelling":
      return { text: "cancelling", style: "yellow" };
    case "succeeded":
      return { text: "✓ succeeded", style: ["green", "bold"] };
    case "failed":
      return { text: "✗ failed", style: ["red", "bold"] };
    case "cancelled":
      return { text: "⊘ cancelled", style: ["yellow", "bold"] };
  }
}
