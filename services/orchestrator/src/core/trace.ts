import { assertNever } from "./assert-never.ts";
import { dispatchId } from "./dispatch-id.ts";
import type { Event, RecordedEvent, SendRef } from "./event.ts";
import type { Failure } from "./failure.ts";
import { OpenSpan, type Span } from "./span.ts";
import type { Workflow } from "./workflow.ts";

type Kind<K extends Event["kind"]> = Extract<Event, { readonly kind: K }>;
type StepEvent = Extract<Event, { readonly step: string }>;
type Why = Pick<Failure, "code" | "message">;

/** A step that has begun and has not ended. It begins when it is due: that is when it is first heard of. */
type OpenStep = {
  readonly span: OpenSpan;
  /** At an agent, or waiting to be completed. */
  send: OpenSpan | undefined;
  queuedAtMs: number | undefined;
  /** The send before the next one, and why that one is made. */
  before: { readonly path: string; readonly why: "failover" | "interruption" | "retry" } | undefined;
};

const none: readonly Span[] = [];

/**
 * Folds the events of one execution, all of them and in order, into spans: each is given when it has ended. Nothing
 * but the log goes into them, so that another process tells the rest, or all of it, in the same words.
 */
export class Trace {
  readonly #executionId: string;
  readonly #workflow: Workflow;
  readonly #steps = new Map<string, OpenStep>();
  #root: OpenSpan | undefined;

  constructor(executionId: string, workflow: Workflow) {
    this.#executionId = executionId;
    this.#workflow = workflow;
  }

  apply({ event, timeMs }: RecordedEvent): readonly Span[] {
    switch (event.kind) {
      case "execution.started":
        this.#root = rootOf(this.#executionId, event, timeMs);
        return none;
      case "execution.cancel_requested":
      case "execution.paused":
      case "execution.resumed":
        return this.#note(event.kind, timeMs, { "weft.requested_by": event.requestedBy });
      case "execution.timed_out":
        return this.#note(event.kind, timeMs, {});
      case "execution.succeeded":
        return this.#end(timeMs, "succeeded");
      case "execution.failed":
        return this.#end(timeMs, "failed", event.failure);
      case "execution.cancelled":
        return this.#end(timeMs, "cancelled");
      case "step.succeeded_late":
        return [lateSuccess(event, timeMs)];
      default:
        return this.#applyStep(event, this.#steps.get(event.step) ?? this.#open(event.step, timeMs), timeMs);
    }
  }

  #applyStep(event: Exclude<StepEvent, Kind<"step.succeeded_late">>, open: OpenStep, timeMs: number) {
    const { step } = event;
    switch (event.kind) {
      case "step.queued":
        open.queuedAtMs = timeMs;
        open.span.add("queued", timeMs, event.held ? { "weft.held": true } : {});
        return none;
      case "step.started":
        return this.#send(open, event, timeMs);
      case "step.failed_over":
        return goElsewhere(open, event, timeMs, "failover");
      case "step.interrupted":
        return goElsewhere(open, event, timeMs, "interruption");
      case "step.attempt_failed":
        return failSend(open, event, timeMs);
      case "step.retry_scheduled":
        open.span.add("retry_scheduled", timeMs, {
          "weft.attempt": event.attempt,
          "weft.delay_ms": Math.max(0, event.dueAtMs - timeMs),
        });
        return none;
      case "step.waiting":
        open.send?.add("waiting", timeMs);
        return none;
      case "step.succeeded":
        return this.#endStep(step, open, timeMs, "succeeded", pathOf(event));
      case "step.failed":
        return this.#endStep(step, open, timeMs, "failed", undefined, event.failure);
      case "step.skipped":
        open.span.set("weft.skip.cause", event.cause);
        return this.#endStep(step, open, timeMs, "skipped");
      case "step.cancelled":
        return this.#endStep(step, open, timeMs, "cancelled");
      default:
        return assertNever(event);
    }
  }

  #note(kind: string, timeMs: number, attributes: Readonly<Record<string, string>>): readonly Span[] {
    this.#root?.add(kind.slice("execution.".length), timeMs, attributes);
    return none;
  }

  #open(step: string, timeMs: number): OpenStep {
    const head = { path: step, parentPath: "", name: `weft.step ${step}`, kind: "internal" } as const;
    const attributes = {
      "weft.execution.id": this.#executionId,
      "weft.step.id": step,
      "weft.capability": this.#capabilityOf(step),
    };
    const span = new OpenSpan({ ...head, startMs: timeMs, links: [] }, attributes);
    const open = { span, send: undefined, queuedAtMs: undefined, before: undefined };
    this.#steps.set(step, open);
    return open;
  }

  #send(open: OpenStep, event: Kind<"step.started">, timeMs: number): readonly Span[] {
    const { step, attempt, send, agentId, incarnation } = event;
    const capability = this.#capabilityOf(step);
    const { before, queuedAtMs } = open;
    const head = {
      path: pathOf(event),
      parentPath: step,
      name: `weft.send ${capability}`,
      kind: "client",
    } as const;
    const links = before ? [{ path: before.path, attributes: { "weft.link": before.why } }] : [];
    open.send = new OpenSpan(
      { ...head, startMs: timeMs, links },
      {
        "weft.execution.id": this.#executionId,
        "weft.step.id": step,
        "weft.capability": capability,
        "weft.attempt": attempt,
        "weft.send": send,
        "weft.agent.id": agentId,
        "weft.agent.incarnation": incarnation,
        "weft.dispatch.id": dispatchId(this.#executionId, event),
        ...(queuedAtMs === undefined ? {} : { "weft.waited_ms": Math.max(0, timeMs - queuedAtMs) }),
      },
    );
    open.queuedAtMs = undefined;
    return none;
  }

  /** By the send that has answered, when one has: it need not be the newest. */
  #endStep(step: string, open: OpenStep, timeMs: number, outcome: string, answeredBy?: string, why?: Why) {
    this.#steps.delete(step);
    const { send, span } = open;
    if (answeredBy !== undefined && send?.path !== answeredBy)
      span.add("answered_by_earlier_send", timeMs, { "weft.send.path": answeredBy });
    const isOther = answeredBy !== undefined && send?.path !== answeredBy;
    const sends = send ? [send.end(timeMs, isOther ? "superseded" : outcome, why)] : none;
    return [...sends, span.end(timeMs, outcome, why)];
  }

  /** A step that has just become due ends with its execution. */
  #end(timeMs: number, outcome: string, why?: Why): readonly Span[] {
    const left = [...this.#steps].flatMap(([step, open]) => this.#endStep(step, open, timeMs, "abandoned"));
    return this.#root ? [...left, this.#root.end(timeMs, outcome, why)] : left;
  }

  #capabilityOf(step: string): string {
    const index = this.#workflow.indexOf.get(step);
    return index === undefined ? "" : this.#workflow.definition.steps[index]!.capability;
  }
}

function pathOf({ step, attempt, send }: SendRef): string {
  return `${step}/${attempt}/${send}`;
}

function rootOf(executionId: string, event: Kind<"execution.started">, timeMs: number): OpenSpan {
  const { namespace, workflow, version, labels, createdBy } = event;
  const head = {
    path: "",
    parentPath: undefined,
    name: `weft.execution ${workflow}`,
    kind: "server",
  } as const;
  const labelled = Object.entries(labels).map(([name, value]) => [`weft.label.${name}`, value] as const);
  return new OpenSpan(
    { ...head, startMs: timeMs, links: [] },
    {
      "weft.execution.id": executionId,
      "weft.namespace": namespace,
      "weft.workflow.name": workflow,
      "weft.workflow.version": version,
      "weft.created_by": createdBy,
      ...Object.fromEntries(labelled),
    },
  );
}

function goElsewhere(
  open: OpenStep,
  event: Kind<"step.failed_over"> | Kind<"step.interrupted">,
  timeMs: number,
  why: "failover" | "interruption",
): readonly Span[] {
  const { reason, agentId } = event;
  const name = event.kind.slice("step.".length);
  open.span.add(name, timeMs, { "weft.agent.id": agentId, "weft.reason": reason });
  return endSend(open, event, timeMs, {
    why,
    outcome: name,
    failure: { code: "UNAVAILABLE", message: reason },
  });
}

function failSend(open: OpenStep, event: Kind<"step.attempt_failed">, timeMs: number): readonly Span[] {
  const { failure, attempt } = event;
  open.span.add("attempt_failed", timeMs, { "weft.attempt": attempt, "error.type": failure.code });
  return endSend(open, event, timeMs, { why: "retry", outcome: "failed", failure });
}

type Ending = {
  readonly why: "failover" | "interruption" | "retry";
  readonly outcome: string;
  readonly failure: Why;
};

function endSend(open: OpenStep, ref: SendRef, timeMs: number, { why, outcome, failure }: Ending) {
  const { send } = open;
  if (send?.path !== pathOf(ref)) return none;
  open.send = undefined;
  open.before = { path: send.path, why };
  return [send.end(timeMs, outcome, failure)];
}

/** After the step has ended, and perhaps the execution: it has no span of theirs to stand in. */
export function lateSuccess(event: Kind<"step.succeeded_late">, timeMs: number): Span {
  const { step } = event;
  const head = {
    path: `${step}/late`,
    parentPath: step,
    name: `weft.late_success ${step}`,
    kind: "internal",
  } as const;
  const links = [{ path: pathOf(event), attributes: { "weft.link": "late_success" } }];
  return new OpenSpan({ ...head, startMs: timeMs, links }, { "weft.step.id": step }).end(timeMs, "succeeded");
}
