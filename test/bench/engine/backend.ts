import { toJsonString } from "@bufbuild/protobuf";
import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import { ExecutionSchema, ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { createChannel, type Incoming } from "@weft/runtime/grpc";

/** Where the orchestrator serves, and what it asks of callers. */
export type OrchestratorTarget = { readonly orchestrator: string; readonly token: string };

/** How an execution ended. `output` is there when it succeeded, `problem` when it did not. */
export type End = {
  readonly executionId: string;
  readonly output: Uint8Array | undefined;
  readonly problem: string | undefined;
};

const diagnosisMsMax = 5_000;

/** A backend that starts each execution with one unary call and learns of all ends from one stream. */
export type Backend = {
  /** Resolves with the execution's id when the start is durable. */
  start(workflow: string, input: Uint8Array): Promise<string>;
  /** Resolves when so many, all with the same input, are durable. */
  startMany(workflow: string, input: Uint8Array, count: number): Promise<void>;
  /** The newest execution that has not ended, as the orchestrator tells it. */
  unfinished(): Promise<string>;
  /** From now on ends go here; the watch's own end is an error. */
  listen(onEnd: (end: End) => void, onError: (error: Error) => void): void;
};

/** Registers the workflows, and resolves when the watch is in force. */
export async function openBackend(
  { orchestrator, token }: OrchestratorTarget,
  documents: readonly string[],
): Promise<Backend> {
  const client = createChannel({ address: orchestrator, token }).client(OrchestratorService);
  // A connection of its own, as a backend that lives long would give it.
  const watcher = createChannel({ address: orchestrator, token, exclusive: true }).client(
    OrchestratorService,
  );
  for (const document of documents)
    await client.registerWorkflow({ source: { source: { case: "document", value: document } } });
  const listener = await listenTo(
    watcher.watchExecutions({ terminalOnly: true, payloads: PayloadForm.DATA }),
  );
  return {
    async start(workflow, input) {
      const { executionId } = await client.startExecution(startOf(workflow, input));
      return executionId;
    },
    async startMany(workflow, input, count) {
      const requests = Array.from({ length: count }, () => startOf(workflow, input));
      const { results } = await client.startExecutions({ requests });
      for (const { result } of results)
        if (result.case !== "started") throw new Error(`a start was refused: ${result.value?.message}`);
    },
    async unfinished() {
      const filter = { statuses: [ExecutionStatus.PENDING, ExecutionStatus.RUNNING] };
      const { executions } = await client.listExecutions(
        { filter, pageSize: 1 },
        { timeoutMs: diagnosisMsMax },
      );
      const executionId = executions[0]?.executionId;
      if (executionId === undefined) return "the orchestrator knows of none that is unfinished";
      const { execution } = await client.getExecution(
        { executionId, payloads: PayloadForm.OMIT },
        { timeoutMs: diagnosisMsMax },
      );
      return execution ? toJsonString(ExecutionSchema, execution) : `${executionId} is gone`;
    },
    listen: listener.listen,
  };
}

function startOf(workflow: string, input: Uint8Array) {
  return {
    workflow: { case: "reference", value: { name: workflow } },
    input: { content: { case: "data", value: input } },
  } as const;
}

type Listener = Pick<Backend, "listen">;

/** Resolves with the watch's first message, which is empty and says that nothing is missed from now on. */
function listenTo(watch: Incoming<{ readonly events: readonly Event[] }>): Promise<Listener> {
  return new Promise((resolve, reject) => {
    let onEnd: (end: End) => void = () => {};
    let onError: (error: Error) => void = reject;
    const listener: Listener = {
      listen(newOnEnd, newOnError) {
        onEnd = newOnEnd;
        onError = newOnError;
      },
    };
    watch.onMessage(({ events }) => {
      resolve(listener);
      for (const event of events) onEnd(endOf(event));
    });
    watch.onEnd((error) => onError(error ?? new Error("the watch of executions ended")));
  });
}

function endOf({ executionId, event }: Event): End {
  if (event.case !== "executionSucceeded") {
    const failure = event.case === "executionFailed" ? `: ${event.value.failure?.message}` : "";
    return { executionId, output: undefined, problem: `${event.case}${failure}` };
  }
  const content = event.value.output?.content;
  return content?.case === "data"
    ? { executionId, output: content.value, problem: undefined }
    : { executionId, output: undefined, problem: `the output came as ${content?.case}` };
}
