import { silentLogger } from "@weft/runtime/logger";
import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyMemory, type MemoryState } from "../adapters/memory-state.ts";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { turn } from "./hand-store.fixture.ts";
import { Sleepers } from "./sleepers.ts";
import type { ExecutionRow } from "./store.ts";

const template: Omit<ExecutionRow, "executionId" | "wakeAtMs"> = {
  shard: 0,
  namespace: "default",
  workflow: "w",
  version: 1,
  status: "RUNNING",
  labels: {},
  createdBy: "ada",
  requestId: null,
  requestDigest: null,
  startedAtMs: 0,
  endedAtMs: null,
};

let memory: MemoryState;
let clock: StepClock;
let woken: string[];
let atOnce: number;
let atOnceMax: number;

beforeEach(() => {
  memory = emptyMemory();
  clock = new StepClock(0);
  woken = [];
  atOnce = 0;
  atOnceMax = 0;
});

function sleeps(executionId: string, wakeAtMs: number): void {
  memory.executions.set(executionId, { ...template, executionId, wakeAtMs });
}

function sleepers(store = openMemoryStore(memory)): Sleepers {
  return new Sleepers({
    store,
    shard: 0,
    clock,
    logger: silentLogger,
    async wake(id) {
      woken.push(id);
      atOnceMax = Math.max(atOnceMax, ++atOnce);
      await turn();
      atOnce--;
    },
  });
}

async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

describe("sleepers", () => {
  it("are woken before their time, and the others not", async () => {
    sleeps("past", 0);
    sleeps("soon", 30_000);
    sleeps("later", 30_001);
    sleepers().start();
    await settle();
    expect(woken).toEqual(["past", "soon"]);
    clock.advance(15_000);
    await settle();
    expect(woken).toContain("later");
  });

  it("that are many are woken all, a page at a time", async () => {
    for (let count = 0; count < 1_000; count++) sleeps(`e${String(count).padStart(4, "0")}`, 5);
    sleepers().start();
    await settle();
    expect(new Set(woken).size).toBe(1_000);
    expect(atOnceMax).toBe(200);
  });

  it("are looked for again when they could not be read", async () => {
    sleeps("past", 0);
    const store = openMemoryStore(memory);
    let failures = 1;
    const broken = {
      ...store,
      listSleeping: (...page: Parameters<typeof store.listSleeping>) =>
        failures-- > 0 ? Promise.reject(new Error("broken")) : store.listSleeping(...page),
    };
    sleepers(broken).start();
    await settle();
    expect(woken).toEqual([]);
    clock.advance(15_000);
    await settle();
    expect(woken).toEqual(["past"]);
  });

  it("are left alone after a stop", async () => {
    sleeps("past", 0);
    const stopped = sleepers();
    stopped.start();
    stopped.stop();
    await settle();
    expect([woken, clock.armed]).toEqual([[], 0]);
  });
});
