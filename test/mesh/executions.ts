import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { until } from "../harness/until.ts";
import type { WeftDev } from "../harness/weft-dev.ts";

type Start = Parameters<WeftDev["orchestrator"]["startExecution"]>[0];

/** A start of a definition that goes along with it. */
export function startOf(document: string, input: unknown = null): Start {
  return {
    workflow: { case: "source", value: { source: { case: "document", value: document } } },
    input: { content: { case: "data", value: Buffer.from(JSON.stringify(input)) } },
  };
}

/** Starts an execution; returns its id. */
export async function start(dev: WeftDev, document: string, input?: unknown): Promise<string> {
  return (await dev.orchestrator.startExecution(startOf(document, input))).executionId;
}

/** The execution, once it has ended; without its payloads, which may be more than a message takes. */
export async function ended(dev: WeftDev, executionId: string, payloads: PayloadForm = PayloadForm.OMIT) {
  return until(`the end of ${executionId}`, async () => {
    const { execution } = await dev.orchestrator.awaitExecution({ executionId, payloads });
    return execution?.endTime && execution;
  });
}

/** What has happened, as words; without waiting in the queue, which depends on when the agent came. */
export async function storyOf(dev: WeftDev, executionId: string): Promise<Event["event"]["case"][]> {
  const { events } = await dev.orchestrator.listEvents({ executionId, pageSize: 1_000 });
  return events.map(({ event }) => event.case).filter((kind) => kind !== "stepQueued");
}
