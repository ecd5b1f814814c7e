import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { PayloadForm } from "@weft/proto/weft/workflow/v1/payload_pb";
import { Code, RpcError } from "@weft/runtime/grpc";
import { onTestFinished } from "vitest";
import { until } from "../harness/until.ts";
import type { FaultyMesh } from "./faulty-mesh.ts";

type Orchestrator = FaultyMesh["client"];

/** Far longer than any answer takes: a call that runs into it hangs. */
export const hanging = { timeoutMs: 40_000 };

const lonely = "{workflow: lonely, version: 1, steps: [{id: a, capability: test.nobody}]}";

function document(value: string) {
  return { source: { case: "document" as const, value } };
}

export async function start(
  client: Orchestrator,
  workflow: string,
  input: unknown,
  requestId = "",
): Promise<string> {
  const content = { case: "data" as const, value: Buffer.from(JSON.stringify(input)) };
  const source = { case: "source" as const, value: document(workflow) };
  const request = { workflow: source, input: { content }, requestId };
  return (await client.startExecution(request, hanging)).executionId;
}

/** The output, once there is one; the status of an execution that ended without. */
export async function outputOf(client: Orchestrator, executionId: string): Promise<unknown> {
  const { status, output } = await until(`the end of ${executionId}`, async () => {
    const request = { executionId, payloads: PayloadForm.DATA };
    const execution = await client
      .awaitExecution(request, hanging)
      .then((answer) => answer.execution, unlessLater);
    return execution?.endTime && execution;
  });
  if (status !== ExecutionStatus.SUCCEEDED) return `status ${status}`;
  return JSON.parse(Buffer.from(output?.content.value as Uint8Array).toString());
}

function isLater(error: unknown): boolean {
  return (
    error instanceof RpcError && error.code === Code.UNAVAILABLE && (error.details.retryAfterMs ?? 0) > 0
  );
}

function unlessLater(error: unknown): undefined {
  if (!isLater(error)) throw error;
}

/** What calls came to: "answered", "told to ask again", or what else. */
export type Outcomes = ReadonlySet<string>;

/** Calls each method again and again until told to stop; resolves with what came of them. */
export function pester(
  client: Orchestrator,
  ids: readonly string[],
): () => Promise<Record<string, Outcomes>> {
  let goesOn = true;
  onTestFinished(() => {
    goesOn = false;
  });
  const lanes = Object.entries(methodsOf(client)).map(async ([method, call]) => {
    const outcomes = new Set<string>();
    for (let turn = 1; goesOn; turn++) outcomes.add(await outcomeOf(call(ids[turn % ids.length]!, turn)));
    return [method, outcomes] as const;
  });
  return async () => {
    goesOn = false;
    return Object.fromEntries(await Promise.all(lanes));
  };
}

type Call = (executionId: string, turn: number) => Promise<unknown>;

function methodsOf(client: Orchestrator): Readonly<Record<string, Call>> {
  return {
    get: (executionId) => client.getExecution({ executionId }, hanging),
    await: (executionId) => client.awaitExecution({ executionId }, hanging),
    explain: (executionId) => client.explainExecution({ executionId }, hanging),
    events: (executionId) => client.listEvents({ executionId }, hanging),
    watch: async (executionId) => {
      for await (const _ of client.watchExecution({ executionId }, hanging));
    },
    list: () => client.listExecutions({}, hanging),
    workflows: () => client.listWorkflows({}, hanging),
    register: (_, version) =>
      client.registerWorkflow({ source: document(lonely.replace("1", String(version))) }, hanging),
    startAndCancel: async (_, turn) => {
      const executionId = await start(client, lonely, {}, `pest-${turn}`);
      await client.cancelExecution({ executionId }, hanging);
    },
  };
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "answered",
    (error: unknown) => (isLater(error) ? "told to ask again" : String(error)),
  );
}

/** What the log says of an execution. */
export async function storyOf(client: Orchestrator, executionId: string) {
  const { events } = await client.listEvents({ executionId, pageSize: 1_000 }, hanging);
  return {
    sequences: events.map(({ sequence }) => Number(sequence)),
    succeeded: events.flatMap(({ event }) => (event.case === "stepSucceeded" ? [event.value.stepId] : [])),
    sends: events.flatMap(({ event }) => {
      if (event.case !== "stepStarted") return [];
      const { stepId, attempt, send } = event.value;
      return [`${executionId}/${stepId}/${attempt}/${send}`];
    }),
  };
}
