import { beforeEach, describe, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import type { JsonValue } from "../core/json.ts";
import { defaultDefinitionLimits } from "../core/limits.ts";
import { isRejection } from "../core/rejection.ts";
import { turn } from "./hand-store.fixture.ts";
import { tooManyDefinitionsRejection } from "./refusals.ts";
import type { Store } from "./store.ts";
import { Workflows } from "./workflows.ts";

let store: Store;
let workflows: Workflows;
/** Reads of the store: a workflow from memory costs none. */
let reads: number;
/** When set, what reads have found waits until it is called. */
let hold: Promise<void> | undefined;

beforeEach(() => {
  const inner = openMemoryStore();
  reads = 0;
  hold = undefined;
  store = {
    ...inner,
    getWorkflow: async (...asked) => {
      reads++;
      const found = await inner.getWorkflow(...asked);
      await hold;
      return found;
    },
  };
  workflows = new Workflows(
    store,
    async () => ({ problems: [], warnings: [] }),
    () => 7,
  );
});

function tree(version: number, name = "w", capability = "work"): JsonValue {
  return { workflow: name, version, steps: [{ id: "a", capability }] };
}

function register(version: number, capability?: string) {
  return workflows.register("default", { kind: "tree", tree: tree(version, "w", capability) }, "ada");
}

async function newest(): Promise<number | undefined> {
  return (await workflows.find({ namespace: "default", name: "w" }))?.row.version;
}

describe("register", () => {
  it("refuses when the disk is full, and says what to do", async () => {
    const full = { ...store, putWorkflow: async () => "full" as const };
    const refused = new Workflows(
      full,
      async () => ({ problems: [], warnings: [] }),
      () => 7,
    );
    const outcome = await refused.register("default", { kind: "tree", tree: tree(1) }, "ada");
    expect(outcome).toMatchObject({
      reason: "NO_ROOM",
      message: expect.stringMatching(/make room/),
      retryAfterMs: 5_000,
    });
  });

  it("refuses a text for which there is no room, and compiles none of it", async () => {
    const refusal = tooManyDefinitionsRejection(7);
    const crowded = new Workflows(
      store,
      async () => refusal,
      () => 7,
    );
    const source = { kind: "document", text: "" } as const;
    expect(await crowded.register("default", source, "ada")).toBe(refusal);
    expect(await crowded.check(source)).toBe(refusal);
  });

  it("keeps a definition as its author wrote it", async () => {
    expect(await register(1)).toEqual({
      kind: "registered",
      name: "w",
      version: 1,
      created: true,
      warnings: [],
    });
    expect(await store.getWorkflow("default", "w")).toEqual({
      namespace: "default",
      name: "w",
      version: 1,
      definition: '{"steps":[{"capability":"work","id":"a"}],"version":1,"workflow":"w"}',
      createdBy: "ada",
      createdAtMs: 7,
    });
  });

  it("takes the same again, and refuses another under the same version", async () => {
    await register(1);
    expect(await register(1)).toMatchObject({ kind: "registered", created: false });
    expect(await register(1, "play")).toMatchObject({
      reason: "WORKFLOW_VERSION_EXISTS",
      message: "version 1 of w is registered with another definition; versions never change, so raise it",
    });
  });

  it("refuses what is wrong", async () => {
    const bad = await workflows.register("Bad Name", { kind: "tree", tree: tree(1) }, "ada");
    expect(bad).toMatchObject({ reason: "REQUEST_INVALID", problems: [{ field: "namespace" }] });
    const invalid = await workflows.register("default", { kind: "tree", tree: {} }, "ada");
    expect(isRejection(invalid) && invalid.problems).toHaveLength(3);
  });
});

describe("a limit", () => {
  it("refuses new definitions and leaves those that are registered", async () => {
    await register(1);
    const limits = { ...defaultDefinitionLimits, stepsMax: 0 };
    workflows = new Workflows(
      store,
      async () => ({ problems: [], warnings: [] }),
      () => 7,
      limits,
    );
    expect(await register(2)).toMatchObject({ problems: [{ message: "has 1 steps; the limit is 0" }] });
    expect((await workflows.check({ kind: "tree", tree: tree(2) })).problems).toHaveLength(1);
    expect(await newest()).toBe(1);
  });
});

describe("find", () => {
  it("reads a version once, and hands it on from memory without a promise", async () => {
    await register(1);
    const reference = { namespace: "default", name: "w", version: 1 };
    const found = await workflows.find(reference);
    expect(workflows.find(reference)).toBe(found);
    expect([found?.workflow.definition.version, reads]).toEqual([1, 1]);
  });

  it("finds the newest version, also when a newer one is registered after it was read", async () => {
    await register(1);
    expect(await newest()).toBe(1);
    await register(3);
    expect(await newest()).toBe(3);
    await register(2);
    expect(await newest()).toBe(3);
  });

  it("does not keep as the newest what was read before a newer one was registered", async () => {
    await register(1);
    const held = Promise.withResolvers<void>();
    hold = held.promise;
    const early = newest();
    await turn();
    await register(2);
    held.resolve();
    expect(await early).toBe(1);
    expect(await newest()).toBe(2);
  });

  it("reads a version once for all who ask meanwhile", async () => {
    await register(1);
    const reference = { namespace: "default", name: "w", version: 1 };
    const found = await Promise.all([1, 2, 3].map(async () => workflows.find(reference)));
    expect([new Set(found).size, found[0]?.row.version, reads]).toEqual([1, 1, 1]);
  });

  it("reads anew for who asks after a newer version was registered, and asks again after a failure", async () => {
    await register(1);
    const release = Promise.withResolvers<void>();
    hold = release.promise;
    const early = newest();
    await register(2);
    hold = undefined;
    const late = newest();
    release.resolve();
    expect([await early, await late, await newest()]).toEqual([1, 2, 2]);
    hold = Promise.reject(new Error("the store is away"));
    await expect(workflows.find({ namespace: "default", name: "other" })).rejects.toThrow("away");
    hold = undefined;
    expect(await workflows.find({ namespace: "default", name: "other" })).toBeUndefined();
  });

  it("gives others their turns while it takes a large one in", async () => {
    const steps = Array.from({ length: 2_000 }, (_, place) => ({
      id: `s${place}`,
      capability: "work",
      with: `\${input.n + ${place} > 3 ? "a" : "b"}`,
    }));
    await workflows.register(
      "default",
      { kind: "tree", tree: { workflow: "large", version: 1, steps } },
      "ada",
    );
    let turns = 0;
    let isFound = false;
    const finding = Promise.resolve(workflows.find({ namespace: "default", name: "large" })).finally(() => {
      isFound = true;
    });
    while (!isFound) {
      await turn();
      turns++;
    }
    expect((await finding)?.workflow.definition.steps).toHaveLength(2_000);
    expect(turns).toBeGreaterThan(10);
  });

  it("keeps what is used, and forgets what was used longest ago", async () => {
    for (let version = 1; version <= 1_001; version++) await register(version);
    const load = (version: number) => workflows.find({ namespace: "default", name: "w", version });
    for (let version = 1; version <= 1_000; version++) await load(version);
    await load(1);
    await load(1_001);
    const before = reads;
    await load(1);
    expect(reads).toBe(before);
    await load(2);
    expect(reads).toBe(before + 1);
  });

  it("finds nothing in another namespace, under another name or version", async () => {
    await register(1);
    expect(await workflows.find({ namespace: "other", name: "w" })).toBeUndefined();
    expect(await workflows.find({ namespace: "default", name: "v" })).toBeUndefined();
    expect(await workflows.find({ namespace: "default", name: "w", version: 2 })).toBeUndefined();
  });
});
