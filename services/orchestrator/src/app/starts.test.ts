import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import { turn } from "./hand-store.fixture.ts";
import { type Mesh, openMesh } from "./mesh.fixture.ts";
import type { StartRequest } from "./starts.ts";
import type { Store } from "./store.ts";

const { tree } = testWorkflow({ steps: [{ id: "a" }], labels: { team: "docs", tier: "1" } }).definition;
const source = { kind: "source", source: { kind: "tree", tree } } as const;

let store: Store;
let mesh: Mesh;

beforeEach(async () => {
  store = openMemoryStore();
  mesh = await openMesh(store);
});

function request(changes: Partial<StartRequest> = {}): StartRequest {
  return {
    namespace: "default",
    requestId: "",
    digest: () => "body",
    workflow: source,
    input: { text: "{}" },
    labels: {},
    createdBy: "ada",
    ...changes,
  };
}

/** Starts all, in this order and at the same time, and lets every commit through. */
async function start(...requests: readonly StartRequest[]) {
  const outcomes = Promise.all(requests.map((one) => mesh.shard.starts.start(one)));
  await turn();
  await mesh.hand.commitAll();
  return outcomes;
}

describe("a start", () => {
  it("is answered when it is durable", async () => {
    let isAnswered = false;
    void mesh.shard.starts.start(request()).then(() => {
      isAnswered = true;
    });
    await turn();
    expect([isAnswered, mesh.hand.batches.length]).toEqual([false, 1]);
    await mesh.hand.commit();
    expect(isAnswered).toBe(true);
  });

  it("carries the definition's labels, its own over them", async () => {
    const [outcome] = await start(request({ labels: { tier: "2", run: "nightly" } }));
    expect(outcome).toMatchObject({ kind: "started", version: 1 });
    expect(mesh.hand.batches[0]!.started[0]).toMatchObject({
      labels: { team: "docs", tier: "2", run: "nightly" },
      createdBy: "ada",
      requestId: null,
      requestDigest: null,
    });
  });

  it("keeps an inline definition in the log, and leaves a registered one where it is", async () => {
    await mesh.shard.workflows.register("default", source.source, "ada");
    await start(request());
    await start(request({ workflow: { kind: "reference", name: "w", version: 1 } }));
    const starts = mesh.hand.durable.filter(({ kind }) => kind === "execution.started");
    expect(starts.map(({ body }) => "definition" in JSON.parse(body))).toEqual([true, false]);
  });

  it("takes the newest version when none is named", async () => {
    await mesh.shard.workflows.register("default", source.source, "ada");
    const newer = { kind: "tree", tree: { ...(tree as object), version: 2 } } as const;
    await mesh.shard.workflows.register("default", newer, "ada");
    const workflow = { kind: "reference", name: "w" } as const;
    expect(await start(request({ workflow }))).toMatchObject([{ version: 2 }]);
  });

  it.each([
    ["bad fields", { namespace: "No", requestId: "r".repeat(200) }, "REQUEST_INVALID", 2],
    [
      "a bad definition",
      { workflow: { kind: "source", source: { kind: "tree", tree: {} } } },
      "DEFINITION_INVALID",
      3,
    ],
    [
      "an unknown workflow",
      { workflow: { kind: "reference", name: "nothing" } },
      "WORKFLOW_NOT_FOUND",
      undefined,
    ],
    [
      "too many labels, with those of the definition",
      { labels: Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`l${index}`, ""])) },
      "REQUEST_INVALID",
      1,
    ],
  ] as const)("with %s is refused with every problem", async (_what, changes, reason, problems) => {
    const [outcome] = await start(request(changes as Partial<StartRequest>));
    expect(outcome).toMatchObject({ kind: "rejection", reason });
    expect(outcome && "problems" in outcome ? outcome.problems?.length : undefined).toBe(problems);
    expect(mesh.hand.batches).toEqual([]);
  });

  it("whose input is too large, in bytes and not in characters, is refused", async () => {
    const text = JSON.stringify("ü".repeat(600_000));
    expect(await start(request({ input: { text } }))).toMatchObject([{ problems: [{ field: "input" }] }]);
  });

  it("is refused when too much is in flight", async () => {
    mesh = await openMesh(openMemoryStore(), { executionsInFlightMax: 1 });
    expect(await start(request(), request())).toMatchObject([
      { kind: "started" },
      { reason: "TOO_MANY_EXECUTIONS" },
    ]);
  });
});

describe("a request id", () => {
  const once = (changes: Partial<StartRequest> = {}) => request({ requestId: "r1", ...changes });

  it("with the same body gives the same execution, later and after a restart", async () => {
    const [first] = await start(once());
    expect(await start(once())).toEqual([first]);
    mesh = await openMesh(store);
    expect(await start(once())).toEqual([first]);
    expect(await store.listExecutions({ namespace: "default", limit: 10 })).toHaveLength(1);
  });

  it("with the same body gives the same execution to two at the same time", async () => {
    const [first, second] = await start(once(), once());
    expect(first).toMatchObject({ kind: "started" });
    expect(second).toEqual(first);
    expect(mesh.hand.batches.flatMap(({ started }) => started)).toMatchObject([
      { requestId: "r1", requestDigest: "body" },
    ]);
  });

  it("with another body is refused, be it at the same time or later", async () => {
    const other = once({ digest: () => "another body" });
    const refused = { reason: "REQUEST_ID_REUSED", message: "request id r1 was used for another start" };
    expect((await start(once(), other))[1]).toMatchObject(refused);
    expect(await start(other)).toMatchObject([refused]);
  });

  it("is one of its namespace", async () => {
    const [first, second] = await start(once(), once({ namespace: "other", digest: () => "another body" }));
    expect(first).not.toEqual(second);
    expect(second).toMatchObject({ kind: "started" });
  });

  it("of a refused start is free again", async () => {
    const workflow = { kind: "reference", name: "w" } as const;
    expect(await start(once({ workflow }))).toMatchObject([{ reason: "WORKFLOW_NOT_FOUND" }]);
    await mesh.shard.workflows.register("default", source.source, "ada");
    expect(await start(once({ workflow }))).toMatchObject([{ kind: "started" }]);
  });

  it("asks for a digest only when there is one", async () => {
    const digest = () => {
      throw new Error("nobody needs it");
    };
    expect(await start(request({ digest }))).toMatchObject([{ kind: "started" }]);
  });
});
