import type { Event, RecordedEvent } from "../core/event.ts";
import { decodeEvent } from "../core/event-codec.ts";
import { evolve } from "../core/evolve.ts";
import { blankExecution, type Execution } from "../core/execution.ts";
import type { ExecutionLimits } from "../core/limits.ts";
import { decodeSnapshot, snapshotVersion } from "../core/snapshot.ts";
import type { Workflow } from "../core/workflow.ts";
import type { Loaded } from "./residents.ts";
import { revive } from "./revive.ts";
import type { Store, StoredEvent } from "./store.ts";
import type { Workflows } from "./workflows.ts";

/** An event with its place in the log. */
export type LoggedEvent = RecordedEvent & { readonly position: number };

/** What reading an execution takes. */
export type HistoryPorts = {
  readonly store: Store;
  readonly workflows: Workflows;
  readonly limits: ExecutionLimits;
};

const pageSize = 1_000;

export function logged(stored: StoredEvent): LoggedEvent {
  const { position, sequence, timeMs } = stored;
  return { position, sequence, timeMs, event: decodeEvent(stored) };
}

/** An execution as its durable events tell it; undefined when it has none. Throws when they cannot be read. */
export async function replay(ports: HistoryPorts, executionId: string): Promise<Loaded | undefined> {
  const { store, workflows, limits } = ports;
  let page = await store.readEvents(executionId, 0, pageSize);
  const [first] = page;
  if (!first) return undefined;
  const workflow = await workflowOfStart(workflows, logged(first).event);
  // A short log is folded sooner than a snapshot is read.
  const snapshot = page.length < pageSize ? undefined : await readSnapshot(ports, executionId, workflow);
  const execution = snapshot ?? blankExecution(executionId, workflow, limits);
  const snapshotSequence = execution.sequence;
  if (snapshot) page = await store.readEvents(executionId, snapshotSequence, pageSize);
  for (;;) {
    for (const stored of page) evolve(execution, logged(stored));
    if (page.length < pageSize) return { execution, snapshotSequence };
    page = await store.readEvents(executionId, execution.sequence, pageSize);
  }
}

/** Undefined when there is none, or another release wrote it: the whole log tells the same. */
async function readSnapshot(
  { store, limits }: HistoryPorts,
  executionId: string,
  workflow: Workflow,
): Promise<Execution | undefined> {
  const row = await store.readSnapshot(executionId);
  if (row?.schemaVersion !== snapshotVersion) return undefined;
  return decodeSnapshot(executionId, workflow, limits, row.body);
}

async function workflowOfStart(workflows: Workflows, event: Event): Promise<Workflow> {
  if (event.kind !== "execution.started") throw new Error(`the first event is ${event.kind}`);
  if (event.definition !== undefined) return revive(event.definition);
  const { namespace, workflow: name, version } = event;
  const found = await workflows.find({ namespace, name, version });
  if (!found) throw new Error(`version ${version} of workflow ${name} is not in the store`);
  return found.workflow;
}
