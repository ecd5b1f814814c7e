import type {
  WatchExecutionRequest,
  WatchExecutionResponse,
  WatchExecutionsRequest,
  WatchExecutionsResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Event as EventMessage } from "@weft/proto/weft/workflow/v1/event_pb";
import { RpcError, type ServerStream } from "@weft/runtime/grpc";
import { ExecutionWatch, type WatchPorts } from "../app/execution-watch.ts";
import type { LoggedEvent } from "../app/history.ts";
import type { Published, WatchHub } from "../app/watch-hub.ts";
import { isTerminal } from "../core/event.ts";
import { bytesBound, pagesOf } from "./event-pages.ts";
import { eventMessage, progressMessage } from "./events.ts";
import { logUnreadable, stopping, tooSlow } from "./watch-ends.ts";

/** Events that a reader of all executions may be behind before it is cut off. */
const backlogMax = 50_000;

/** Everything of one execution, from the log when the reader is slow. */
export function watchExecution(
  ports: WatchPorts,
  shard: number,
  request: WatchExecutionRequest & { readonly namespace: string },
  stream: ServerStream<WatchExecutionResponse>,
): void {
  const { namespace, executionId, payloads } = request;
  const write = (events: EventMessage[]): boolean =>
    stream.write({ $typeName: "weft.orchestrator.v1.WatchExecutionResponse", events });
  const watch = new ExecutionWatch(
    ports,
    { namespace, executionId, afterSequence: Number(request.afterSequence) },
    {
      send(events) {
        const messages = events.map((event) => eventMessage(executionId, shard, event, payloads));
        return writePages(pagesOf(messages, bytesBound(events, payloads)), write, stream);
      },
      progress: (progress) => {
        if (request.progress) write([progressMessage(executionId, shard, progress)]);
      },
      finish: () => stream.end(),
      interrupt: () => stream.fail(stopping()),
      fail: () => stream.fail(logUnreadable()),
    },
  );
  stream.onDrain(() => watch.resume());
  stream.onClose(() => watch.stop());
}

/** Events of many executions from now on: what one commit brings goes as one message, if it fits. */
export function watchExecutions(
  hub: WatchHub,
  shard: number,
  request: WatchExecutionsRequest & { readonly namespace: string },
  stream: ServerStream<WatchExecutionsResponse>,
): void {
  let gathered: EventMessage[] = [];
  let gatheredBytes = 0;
  let backlog = 0;
  const write = (events: EventMessage[]): boolean => {
    const hasRoom = stream.write({ $typeName: "weft.orchestrator.v1.WatchExecutionsResponse", events });
    backlog = hasRoom ? 0 : backlog + events.length;
    if (backlog > backlogMax) stream.fail(tooSlow("list what it may have missed"));
    return hasRoom;
  };
  const flush = (): void => {
    const pages = pagesOf(gathered, gatheredBytes);
    [gathered, gatheredBytes] = [[], 0];
    writePages(pages, write, stream);
  };
  const unsubscribe = hub.subscribeAll({
    published(published) {
      if (!matches(request, published)) return;
      if (gathered.length === 0) queueMicrotask(flush);
      const { id } = published.execution;
      const events = wantedOf(request, published);
      gathered.push(...events.map((event) => eventMessage(id, shard, event, request.payloads)));
      gatheredBytes += bytesBound(events, request.payloads);
    },
    closed: () => stream.fail(stopping()),
  });
  stream.onDrain(() => {
    backlog = 0;
  });
  stream.onClose(unsubscribe);
  // The caller knows from it that nothing from now on is missed.
  write([]);
}

function matches(
  { namespace, workflow, labels, terminalOnly }: WatchExecutionsRequest,
  { execution, events }: Published,
): boolean {
  if (terminalOnly && !isTerminal(events.at(-1)!.event.kind)) return false;
  if (execution.header?.namespace !== namespace) return false;
  if (workflow !== "" && execution.workflow.definition.name !== workflow) return false;
  return Object.entries(labels).every(([key, value]) => execution.header?.labels[key] === value);
}

function wantedOf(
  { terminalOnly }: WatchExecutionsRequest,
  { events, firstPosition }: Published,
): readonly LoggedEvent[] {
  const from = terminalOnly ? events.length - 1 : 0;
  return events.slice(from).map((event, index) => ({ ...event, position: firstPosition + from + index }));
}

/** Each as a message of its own. False when the reader has no room for more, or gets no more. */
function writePages(
  pages: Iterable<EventMessage[]>,
  write: (events: EventMessage[]) => boolean,
  stream: Pick<ServerStream<never>, "fail">,
): boolean {
  let hasRoom = true;
  try {
    for (const page of pages) hasRoom = write(page);
  } catch (error) {
    // An event that fits into no message: it must end this watch alone, and not the commit that it came with.
    if (!(error instanceof RpcError)) throw error;
    stream.fail(error);
    return false;
  }
  return hasRoom;
}
