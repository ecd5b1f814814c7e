import { createHash } from "node:crypto";
import type { FinishedSpan } from "@weft/runtime/finished-span";
import { type Logger, silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import type { TraceContext } from "../core/trace-context.ts";
import { startInput, storyStartMs, testWorkflow } from "../core/transcript.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";
import type { Store } from "./store.ts";

const two = testWorkflow({ steps: [{ id: "a" }, { id: "b", dependsOn: ["a"] }] });
const traceId = "0af7651916cd43dd8448eb211c80319c";
const backend: TraceContext = {
  traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  tracestate: "vendor=1",
};
const unwanted: TraceContext = { traceparent: `00-${traceId}-b7ad6b7169203331-00` };

type LifeOptions = { readonly ratio?: number; readonly untraced?: boolean; readonly logger?: Logger };

/** What outlives the process is in `memory`. */
async function life(memory: MemoryState, { ratio = 1, untraced, logger = silentLogger }: LifeOptions = {}) {
  const spans: FinishedSpan[] = [];
  const sink = { emit: (span: FinishedSpan) => void spans.push(span), stop: async () => {} };
  const clock = new StepClock(storyStartMs);
  const store: Store = openMemoryStore(memory);
  const tracing = untraced ? {} : { tracing: { sink, ratio } };
  const mesh = await openMesh(store, { clock, logger, ...tracing });
  mesh.agents.tell("x");
  return { mesh, spans };
}

async function start(mesh: Mesh, trace?: TraceContext): Promise<string> {
  mesh.agents.session("x").open();
  const request = { ...startInput({}), inline: true, ...(trace ? { trace } : {}) };
  const started = mesh.engine.start({ workflow: two, start: request, requestId: null, requestDigest: null });
  await mesh.hand.commitAll();
  return (await started) as string;
}

async function succeed(mesh: Mesh, dispatchId: string): Promise<void> {
  mesh.agents.session("x").succeed(dispatchId);
  await mesh.hand.commitAll();
}

async function runToEnd(mesh: Mesh, trace?: TraceContext): Promise<string> {
  const id = await start(mesh, trace);
  await succeed(mesh, `${id}/a/1/1`);
  await succeed(mesh, `${id}/b/1/1`);
  return id;
}

const names = (spans: readonly FinishedSpan[]) => spans.map(({ name }) => name);
const wholeRun = ["weft.send work", "weft.step a", "weft.send work", "weft.step b", "weft.execution w"];
const idOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

describe("the trace of an execution", () => {
  it("hangs under the backend's span, and each agent's under its send", async () => {
    const { mesh, spans } = await life(emptyMemory());
    const id = await runToEnd(mesh, backend);
    expect(names(spans)).toEqual(wholeRun);
    expect(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId])).toEqual([
      [idOf(`${id}/a/1/1`), idOf(`${id}/a`)],
      [idOf(`${id}/a`), idOf(id)],
      [idOf(`${id}/b/1/1`), idOf(`${id}/b`)],
      [idOf(`${id}/b`), idOf(id)],
      [idOf(id), "b7ad6b7169203331"],
    ]);
    expect(new Set(spans.map((span) => `${span.traceId} ${span.tracestate}`))).toEqual(
      new Set([`${traceId} vendor=1`]),
    );
    expect(mesh.agents.session("x").dispatched.map(({ trace }) => trace)).toEqual([
      { traceparent: `00-${traceId}-${idOf(`${id}/a/1/1`)}-01`, tracestate: "vendor=1" },
      { traceparent: `00-${traceId}-${idOf(`${id}/b/1/1`)}-01`, tracestate: "vendor=1" },
    ]);
  });

  it("is one of its own where the backend has none, and begins with the execution", async () => {
    const memory = emptyMemory();
    const { mesh, spans } = await life(memory);
    const id = await runToEnd(mesh);
    const root = spans.at(-1)!;
    expect(root).toMatchObject({ name: "weft.execution w", parentSpanId: undefined, spanId: idOf(id) });
    expect(root.traceId).toMatch(/^[0-9a-f]{32}$/);
    const { body } = (await openMemoryStore(memory).readEvents(id, 0, 1))[0]!;
    expect(JSON.parse(body)).toMatchObject({ traceparent: `00-${root.traceId}-${root.spanId}-01` });
  });

  it("is recorded in the share that is wanted of those that begin here, and the backend's wish counts", async () => {
    const { mesh, spans } = await life(emptyMemory(), { ratio: 0.5 });
    for (let count = 0; count < 40; count++) await runToEnd(mesh);
    const roots = names(spans).filter((name) => name === "weft.execution w").length;
    expect(roots).toBeGreaterThan(8);
    expect(roots).toBeLessThan(32);

    const none = await life(emptyMemory(), { ratio: 0 });
    await runToEnd(none.mesh);
    expect(none.spans).toEqual([]);
    await runToEnd(none.mesh, backend);
    expect(names(none.spans)).toEqual(wholeRun);

    const all = await life(emptyMemory(), { ratio: 1 });
    await runToEnd(all.mesh, unwanted);
    expect(all.spans).toEqual([]);
    expect(all.mesh.agents.session("x").dispatched[0]?.trace).toEqual(unwanted);
  });

  it("is passed on as it came where no spans are made, and none begins", async () => {
    const memory = emptyMemory();
    const { mesh } = await life(memory, { untraced: true });
    const traced = await start(mesh, backend);
    const plain = await start(mesh);
    const dispatched = mesh.agents.session("x").dispatched;
    const traceOf = (id: string) => dispatched.find(({ dispatchId }) => dispatchId.startsWith(id))?.trace;
    expect([traceOf(traced), traceOf(plain)]).toEqual([backend, undefined]);
    const { body } = (await openMemoryStore(memory).readEvents(plain, 0, 1))[0]!;
    expect(body).not.toContain("trace");
  });

  it("is told whole by the life that ends it, in the words of the one that began it", async () => {
    const memory = emptyMemory();
    const before = await life(memory);
    const id = await start(before.mesh, backend);
    await succeed(before.mesh, `${id}/a/1/1`);
    expect(names(before.spans)).toEqual(wholeRun.slice(0, 2));

    const after = await life(memory);
    expect(after.spans).toEqual([]);
    after.mesh.agents.session("x").open({ running: [`${id}/b/1/1`] });
    await succeed(after.mesh, `${id}/b/1/1`);
    await turn();
    await turn();
    expect(names(after.spans)).toEqual(wholeRun);
    expect(after.spans.slice(0, 2)).toEqual(before.spans);
  });

  it("is told again when it ended just before a restart", async () => {
    const memory = emptyMemory();
    const before = await life(memory);
    await runToEnd(before.mesh, backend);
    const after = await life(memory);
    await turn();
    await turn();
    expect(after.spans).toEqual(before.spans);
  });

  it("is left out, with a word in the log, when its log cannot be read", async () => {
    const memory = emptyMemory();
    const before = await life(memory);
    const id = await runToEnd(before.mesh, backend);
    const log = memory.events.get(id)!;
    log.set(3, { ...log.get(3)!, schemaVersion: 9 });
    const lines: unknown[] = [];
    const warn: Logger["warn"] = (fields, message) => lines.push([message, fields["executionId"]]);
    const { spans } = await life(memory, { logger: { ...silentLogger, warn } });
    await turn();
    await turn();
    expect(lines).toEqual([["the trace of an execution is left out", id]]);
    expect(spans).toEqual([]);
  });
});
