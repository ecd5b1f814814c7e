import type { Event, RecordedEvent } from "../core/event.ts";
import { decodeEvent } from "../core/event-codec.ts";
import { evolve } from "../core/evolve.ts";
import { blankExecution, type Execution } from "../core/execution.ts";
import { reviveWorkflow, type Workflow } from "../core/workflow.ts";
import type { Store, StoredEvent } from "./store.ts";
import type { Workflows } from "./workflows.ts";

/** An event with its place in the log. */
export type LoggedEvent = RecordedEvent & { readonly position: number };

const pageSize = 1_000;

export function logged(stored: StoredEvent): LoggedEvent {
  const { position, sequence, timeMs } = stored;
  return { position, sequence, timeMs, event: decodeEvent(stored) };
}

/** An execution as its durable events tell it; undefined when it has none. Throws when they cannot be read. */
export async function replay(
  store: Store,
  workflows: Workflows,
  executionId: string,
): Promise<Execution | undefined> {
  let execution: Execution | undefined;
  for (;;) {
    const page = await store.readEvents(executionId, execution?.sequence ?? 0, pageSize);
    for (const stored of page) {
      const event = logged(stored);
      execution ??= blankExecution(executionId, await workflowOfStart(workflows, event.event));
      evolve(execution, event);
    }
    if (page.length < pageSize) return execution;
  }
}

async function workflowOfStart(workflows: Workflows, event: Event): Promise<Workflow> {
  if (event.kind !== "execution.started") throw new Error(`the first event is ${event.kind}`);
  if (event.definition !== undefined) return reviveWorkflow(event.definition);
  const { namespace, workflow: name, version } = event;
  const found = await workflows.find({ namespace, name, version });
  if (!found) throw new Error(`version ${version} of workflow ${name} is not in the store`);
  return found.workflow;
}
