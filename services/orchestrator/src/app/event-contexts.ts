import type { Event } from "../core/event.ts";
import { decodeEvent } from "../core/event-codec.ts";
import type { Execution } from "../core/execution.ts";
import { reviveWorkflow, type Workflow } from "../core/workflow.ts";
import type { Store } from "./store.ts";
import type { Workflows } from "./workflows.ts";

/** What an event does not say of its execution. */
export type EventContext = {
  /** Empty, with the workflow's name and version 0, when the log does not tell: a newer release wrote its start. */
  readonly namespace: string;
  readonly workflow: string;
  readonly version: number;
  /** Undefined when it can't be had any more. */
  readonly definition: Workflow | undefined;
};

type Started = Extract<Event, { readonly kind: "execution.started" }>;

const unknownContext: EventContext = { namespace: "", workflow: "", version: 0, definition: undefined };

/** What is kept weighs one for each execution, and one for each step of a definition that it shares with no other. */
const weightMax = 20_000;

/**
 * What a consumer of events needs to know of their executions: from memory where they live there, from the start of
 * their log where they do not.
 */
export class EventContexts {
  readonly #store: Pick<Store, "readEvents">;
  readonly #workflows: Pick<Workflows, "find">;
  readonly #find: (executionId: string) => Execution | undefined;
  /** By execution, the oldest first. */
  readonly #kept = new Map<string, { readonly context: EventContext; readonly weight: number }>();
  #weight = 0;

  constructor(
    store: Pick<Store, "readEvents">,
    workflows: Pick<Workflows, "find">,
    find: (executionId: string) => Execution | undefined,
  ) {
    this.#store = store;
    this.#workflows = workflows;
    this.#find = find;
  }

  /** Of an execution; `event` may be its start. A promise only where the store has to be asked. */
  of(executionId: string, event: Event | undefined): EventContext | Promise<EventContext> {
    const kept = this.#kept.get(executionId);
    if (kept) return kept.context;
    const live = this.#find(executionId);
    if (live?.header) return this.#keep(executionId, contextOfLive(live, live.header.namespace), 1);
    return event?.kind === "execution.started" ? this.#ofStart(executionId, event) : this.#ofLog(executionId);
  }

  async #ofLog(executionId: string): Promise<EventContext> {
    const [first] = await this.#store.readEvents(executionId, 0, 1);
    const event = first && decodedEvent(first);
    return event?.kind === "execution.started"
      ? this.#ofStart(executionId, event)
      : this.#keep(executionId, unknownContext, 1);
  }

  async #ofStart(executionId: string, event: Started): Promise<EventContext> {
    const { namespace, workflow, version } = event;
    const definition = await this.#definitionOf(event);
    const weight = 1 + (event.definition === undefined ? 0 : (definition?.definition.steps.length ?? 0));
    return this.#keep(executionId, { namespace, workflow, version, definition }, weight);
  }

  async #definitionOf({ definition, namespace, workflow, version }: Started): Promise<Workflow | undefined> {
    if (definition === undefined)
      return (await this.#workflows.find({ namespace, name: workflow, version }))?.workflow;
    try {
      return reviveWorkflow(definition);
    } catch {
      // A newer release's: the event is told without what only its definition knows.
      return undefined;
    }
  }

  #keep(executionId: string, context: EventContext, weight: number): EventContext {
    this.#kept.set(executionId, { context, weight });
    this.#weight += weight;
    for (const [oldest, { weight: freed }] of this.#kept) {
      if (this.#weight <= weightMax) break;
      this.#kept.delete(oldest);
      this.#weight -= freed;
    }
    return context;
  }
}

/** Undefined for one that a newer release wrote. */
export function decodedEvent(stored: Parameters<typeof decodeEvent>[0]): Event | undefined {
  try {
    return decodeEvent(stored);
  } catch {
    return undefined;
  }
}

function contextOfLive({ workflow }: Execution, namespace: string): EventContext {
  const { name, version } = workflow.definition;
  return { namespace, workflow: name, version, definition: workflow };
}
