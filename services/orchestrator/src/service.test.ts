import { OrchestratorService } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { type Client, Code, createChannel, RpcError } from "@weft/runtime/grpc";
import { describe, expect, it, onTestFinished } from "vitest";
import { createOrchestrator, type OrchestratorConfig, orchestratorDefaults } from "./service.ts";

const fiveMistakes = `
workflow: Five Mistakes
version: 1
mode: dependency
steps:
  - { id: one, capability: a.b, timeout: soon }
  - { id: two, capability: a.b, dependsOn: [won] }
  - { id: two, capability: a.b }
  - { id: three, capability: a.b, retry: sometimes }
`;

const cyclic = `
workflow: cyclic
version: 1
steps:
  - { id: a, capability: x, dependsOn: [c] }
  - { id: b, capability: x, with: "\${steps.a.output}" }
  - { id: c, capability: x, dependsOn: [b] }
`;

const single = "{workflow: single, version: 1, steps: [{id: a, capability: nobody.offers}]}";

/** An orchestrator in memory, over a real socket; no registry answers it. */
async function client(
  token?: string,
  changes: Partial<OrchestratorConfig> = {},
): Promise<Client<typeof OrchestratorService>> {
  const orchestrator = createOrchestrator({
    ...orchestratorDefaults,
    ...changes,
    address: "127.0.0.1:0",
    registryAddress: "127.0.0.1:1",
    token: "secret",
    dataDirectory: undefined,
    orchestratorId: "test",
  });
  const { port } = await orchestrator.start();
  const channel = createChannel({ address: `127.0.0.1:${port}`, token: token ?? "secret" });
  onTestFinished(async () => {
    channel.close();
    await orchestrator.stop();
  });
  return channel.client(OrchestratorService);
}

function document(value: string) {
  return { source: { case: "document" as const, value } };
}

async function refusal(call: Promise<unknown>): Promise<RpcError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RpcError)) throw new Error("the call was not refused");
  return error;
}

describe("a definition", () => {
  it("with five mistakes gets five field violations, each with its path and line", async () => {
    const orchestrator = await client();
    const { code, details } = await refusal(
      orchestrator.registerWorkflow({ source: document(fiveMistakes) }),
    );
    expect(code).toBe(Code.INVALID_ARGUMENT);
    expect(details.reason).toBe("DEFINITION_INVALID");
    expect(details.violations?.map(({ field }) => field).sort()).toEqual([
      "steps[0].timeout",
      "steps[1].dependsOn[0]",
      "steps[2].id",
      "steps[3].retry",
      "workflow",
    ]);
    expect(details.violations?.every(({ description }) => /\(line \d+\)$/.test(description))).toBe(true);
  });

  it("with a cycle is refused with its nodes, and planned with them", async () => {
    const orchestrator = await client();
    const { details } = await refusal(orchestrator.registerWorkflow({ source: document(cyclic) }));
    for (const id of ["a", "b", "c"]) expect(details.violations?.[0]?.description).toContain(id);
    const { plan } = await orchestrator.planWorkflow({
      workflow: { case: "source", value: document(cyclic) },
    });
    expect(plan?.hasCycles).toBe(true);
    expect(plan?.cycles.map(({ stepIds }) => [...stepIds].sort())).toEqual([["a", "b", "c"]]);
  });

  it("comes back as it was registered, the same again is fine, another under its version is not", async () => {
    const orchestrator = await client();
    const first = await orchestrator.registerWorkflow({ source: document(single) });
    expect(first).toMatchObject({ name: "single", version: 1, created: true });
    expect(await orchestrator.registerWorkflow({ source: document(single) })).toMatchObject({
      created: false,
    });
    const { definition } = await orchestrator.getWorkflow({ name: "single" });
    expect(definition?.steps.map(({ id, capability }) => [id, capability])).toEqual([["a", "nobody.offers"]]);
    const typed = { source: { case: "definition" as const, value: definition! } };
    expect(await orchestrator.validateWorkflow({ source: typed })).toMatchObject({ valid: true });
    const other = single.replace("nobody.offers", "somebody.offers");
    const { code } = await refusal(orchestrator.registerWorkflow({ source: document(other) }));
    expect(code).toBe(Code.ALREADY_EXISTS);
  });
});

describe("a limit that is set", () => {
  const { definitionLimits, executionLimits } = orchestratorDefaults;

  it("holds for definitions and for starts", async () => {
    const orchestrator = await client(undefined, {
      definitionLimits: { ...definitionLimits, stepsMax: 2, definitionBytesMax: 300, labelsMax: 0 },
      executionLimits: { ...executionLimits, payloadBytesMax: 10 },
    });
    const violationsOf = async (response: Promise<unknown>) => (await refusal(response)).details.violations;
    const refusedText = orchestrator.registerWorkflow({ source: document("#".repeat(301)) });
    expect(await violationsOf(refusedText)).toMatchObject([
      { field: "", description: "the document has 301 bytes; the limit is 300" },
    ]);
    const refusedSteps = orchestrator.registerWorkflow({ source: document(cyclic) });
    expect(await violationsOf(refusedSteps)).toMatchObject([
      { field: "steps", description: "has 3 steps; the limit is 2 (line 4)" },
    ]);
    const refusedStart = orchestrator.startExecution({
      workflow: { case: "source", value: document(single) },
      input: { content: { case: "json", value: { kind: { case: "stringValue", value: "0123456789" } } } },
      labels: { team: "a" },
    });
    expect(await violationsOf(refusedStart)).toMatchObject([
      { field: "input", description: "is 12 bytes; the limit is 10. Pass large data by reference" },
      { field: "labels", description: "has 1 labels; the limit is 0" },
    ]);
  });
});

describe("an execution", () => {
  it("starts once for a request id, can be read, listed and cancelled, and then has ended", async () => {
    const orchestrator = await client();
    const workflow = { case: "source" as const, value: document(single) };
    const request = { workflow, requestId: "order-1", labels: { team: "a" } };
    const { executionId } = await orchestrator.startExecution(request);
    expect((await orchestrator.startExecution(request)).executionId).toBe(executionId);
    const reused = await refusal(orchestrator.startExecution({ ...request, labels: { team: "b" } }));
    expect([reused.code, reused.details.reason]).toEqual([Code.ALREADY_EXISTS, "REQUEST_ID_REUSED"]);
    const { execution } = await orchestrator.getExecution({ executionId });
    expect(execution).toMatchObject({ executionId, workflow: "single", labels: { team: "a" } });
    const { executions } = await orchestrator.listExecutions({ filter: { labels: { team: "a" } } });
    expect(executions.map((row) => row.executionId)).toEqual([executionId]);
    await orchestrator.cancelExecution({ executionId, reason: "enough" });
    const { events } = await orchestrator.listEvents({ executionId });
    expect(events.map(({ event }) => event.case)).toEqual([
      "executionStarted",
      "stepQueued",
      "executionCancelRequested",
      "stepCancelled",
      "executionCancelled",
    ]);
  });

  it("that does not exist is NOT_FOUND, to every method and in another namespace", async () => {
    const orchestrator = await client();
    const { executionId } = await orchestrator.startExecution({
      workflow: { case: "source", value: document(single) },
    });
    const elsewhere = { executionId, namespace: "other" };
    const calls = [
      orchestrator.getExecution(elsewhere),
      orchestrator.awaitExecution(elsewhere),
      orchestrator.cancelExecution(elsewhere),
      orchestrator.listEvents(elsewhere),
    ];
    for (const call of calls) expect((await refusal(call)).code).toBe(Code.NOT_FOUND);
  });

  it("of a batch gets a result or an error of its own", async () => {
    const orchestrator = await client();
    const good = { workflow: { case: "source" as const, value: document(single) } };
    const bad = { workflow: { case: "reference" as const, value: { name: "nowhere" } } };
    const { results } = await orchestrator.startExecutions({ requests: [good, bad, good] });
    expect(results.map(({ result }) => result.case)).toEqual(["started", "error", "started"]);
  });
});

it("answers nobody without the token", async () => {
  const orchestrator = await client("guess");
  expect((await refusal(orchestrator.listWorkflows({}))).code).toBe(Code.UNAUTHENTICATED);
});

describe("track records", () => {
  it("are none where nobody has worked", async () => {
    const orchestrator = await client();
    expect(await orchestrator.listTrackRecords({})).toMatchObject({ trackRecords: [], nextPageToken: "" });
  });

  it("are refused in pages of no size, and for too many agents", async () => {
    const orchestrator = await client();
    const requests = [
      { pageSize: 1_001 },
      { pageToken: "of another method" },
      { agentIds: Array.from({ length: 1_001 }, String) },
    ];
    const errors = await Promise.all(
      requests.map((request) => refusal(orchestrator.listTrackRecords(request))),
    );
    expect(errors.map(({ code }) => code)).toEqual(requests.map(() => Code.INVALID_ARGUMENT));
    const fields = errors.map(({ details }) => details.violations?.[0]?.field);
    expect(fields).toEqual(["page_size", "page_token", "agent_ids"]);
  });
});
