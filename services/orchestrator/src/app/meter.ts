import type { Event, RecordedEvent } from "../core/event.ts";
import type { Execution } from "../core/execution.ts";
import type { Workflow } from "../core/workflow.ts";
import type { CapabilityFigures, ExecutionStatus, OrchestratorMetrics, WorkflowFigures } from "../metrics.ts";
import type { Published, Subscriber } from "./watch-hub.ts";

/** The figures that a workflow's executions count in, looked up once. */
type Figures = {
  readonly namespace: string;
  readonly workflow: WorkflowFigures;
  /** By place in the definition. */
  readonly capabilities: (CapabilityFigures | undefined)[];
  /** Steps that can run at the same time. */
  readonly width: number;
};

type StepEvent = Extract<Event, { readonly step: string }>;

/** Counts what becomes durable. It keeps nothing of executions: their state holds what durations need. */
export class Meter implements Subscriber {
  readonly #metrics: OrchestratorMetrics;
  readonly #figures = new WeakMap<Workflow, Figures>();

  constructor(metrics: OrchestratorMetrics) {
    this.#metrics = metrics;
  }

  published({ execution, events }: Published): void {
    const figures = this.#figuresOf(execution);
    if (figures) for (const event of events) this.#count(execution, figures, event);
  }

  closed(): void {}

  #count(execution: Execution, figures: Figures, { event, timeMs }: RecordedEvent): void {
    switch (event.kind) {
      case "execution.started":
        return figures.workflow.started.add();
      case "execution.succeeded":
        return ended(execution, figures, "succeeded", timeMs);
      case "execution.failed":
        return ended(execution, figures, "failed", timeMs);
      case "execution.cancelled":
        return ended(execution, figures, "cancelled", timeMs);
      default:
        if ("step" in event) this.#countStep(execution, figures, { event, timeMs });
    }
  }

  #countStep(
    execution: Execution,
    figures: Figures,
    { event, timeMs }: { readonly event: StepEvent; readonly timeMs: number },
  ): void {
    const place = execution.workflow.indexOf.get(event.step)!;
    const capability = this.#capability(execution, figures, place);
    switch (event.kind) {
      case "step.started":
        return capability.sends.add();
      case "step.succeeded":
        capability.attempts.succeeded.add();
        capability.steps.succeeded.add();
        return capability.seconds.observe(secondsSince(execution.steps[place]!.startedAtMs, timeMs));
      case "step.attempt_failed":
        capability.attempts.failed.add();
        return this.#metrics.failure(capabilityAt(execution, place), event.failure.code);
      case "step.interrupted":
        return capability.attempts.interrupted.add();
      case "step.failed_over":
        return capability.attempts.failed_over.add();
      case "step.retry_scheduled":
        return capability.retries.add();
      case "step.failed":
        return capability.steps.failed.add();
      case "step.skipped":
        return capability.steps.skipped.add();
      case "step.cancelled":
        return capability.steps.cancelled.add();
      default:
    }
  }

  #figuresOf({ workflow, header }: Execution): Figures | undefined {
    if (!header) return undefined;
    const known = this.#figures.get(workflow);
    if (known?.namespace === header.namespace) return known;
    const figures: Figures = {
      namespace: header.namespace,
      workflow: this.#metrics.workflow(header.namespace, workflow.definition.name),
      capabilities: [],
      width: workflow.plan.batches.reduce((widest, batch) => Math.max(widest, batch.length), 1),
    };
    this.#figures.set(workflow, figures);
    return figures;
  }

  #capability(execution: Execution, { capabilities }: Figures, place: number): CapabilityFigures {
    capabilities[place] ??= this.#metrics.capability(capabilityAt(execution, place));
    return capabilities[place];
  }
}

function capabilityAt({ workflow }: Execution, place: number): string {
  return workflow.definition.steps[place]!.capability;
}

function ended(
  { header, steps }: Execution,
  { workflow, width }: Figures,
  status: ExecutionStatus,
  timeMs: number,
): void {
  workflow.ended[status].add();
  const seconds = secondsSince(header!.startedAtMs, timeMs);
  workflow.seconds.observe(seconds);
  if (status !== "succeeded" || seconds === 0) return;
  let work = 0;
  for (const { state, startedAtMs, endedAtMs } of steps)
    if (state.status === "SUCCEEDED") work += secondsSince(startedAtMs, endedAtMs);
  workflow.efficiency.observe(work / (seconds * width));
}

/** A clock that was set back between the two makes it none. */
function secondsSince(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) / 1_000;
}
