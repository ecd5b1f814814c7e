import { beforeEach, expect, it } from "vitest";
import { openMemoryStore } from "../adapters/store-memory.ts";
import { isRejection } from "../core/rejection.ts";
import { testWorkflow } from "../core/transcript.fixture.ts";
import type { BreakerQuery } from "./circuit-breakers.ts";
import { agentBreakerCoolDownMs, type Mesh, openMesh, stepBreakerCoolDownMs } from "./mesh.fixture.ts";

const single = testWorkflow({ steps: [{ id: "a", retry: "none" }] });
const any: BreakerQuery = { namespace: "default", states: undefined, afterName: "", limit: 10 };

let mesh: Mesh;
let openedAtMs: number;

/** All five failures are of one agent: both kinds open. */
beforeEach(async () => {
  mesh = await openMesh(openMemoryStore());
  const x = mesh.agents.appear("x");
  for (let time = 0; time < 5; time++) {
    x.fail(`${await mesh.started(single)}/a/1/1`, "UNAVAILABLE");
    await mesh.hand.commitAll();
  }
  openedAtMs = mesh.clock.now();
});

function names(query: Partial<BreakerQuery> = {}) {
  return mesh.shard.breakers.list({ ...any, ...query }).map(({ name, state }) => `${name} ${state}`);
}

it("are listed by name, with what they have counted", () => {
  const counted = {
    state: "OPEN",
    failuresInARow: 5,
    recentFailures: 5,
    recentOutcomes: 5,
    lastFailureCode: "UNAVAILABLE",
    openedAtMs,
  };
  expect(mesh.shard.breakers.list(any)).toEqual([
    {
      name: "agent/x/work",
      watched: { kind: "agent", agentId: "x", capability: "work" },
      ...counted,
      nextProbeAtMs: openedAtMs + agentBreakerCoolDownMs,
    },
    {
      name: "step/w:a",
      watched: { kind: "step", namespace: "default", workflow: "w", step: "a" },
      ...counted,
      nextProbeAtMs: openedAtMs + stepBreakerCoolDownMs,
    },
  ]);
});

it("are listed in pages, by state, and for the namespace that asks", () => {
  expect(names({ limit: 1 })).toEqual(["agent/x/work OPEN"]);
  expect(names({ afterName: "agent/x/work" })).toEqual(["step/w:a OPEN"]);
  mesh.clock.advance(agentBreakerCoolDownMs);
  expect(names({ states: ["HALF_OPEN"] })).toEqual(["agent/x/work HALF_OPEN"]);
  expect(names({ states: ["CLOSED"] })).toEqual([]);
  expect(names({ namespace: "other" })).toEqual(["agent/x/work HALF_OPEN"]);
});

it("let everything go when they are reset", async () => {
  const id = await mesh.started(single);
  const statusOf = () => mesh.engine.find(id)?.steps[0]?.state.status;
  expect(mesh.shard.breakers.reset("default", "step/w:a")).toMatchObject({ state: "CLOSED" });
  await mesh.hand.commitAll();
  expect(statusOf()).toBe("PENDING");
  expect(mesh.shard.breakers.reset("default", "agent/x/work")).toMatchObject({ state: "CLOSED" });
  await mesh.hand.commitAll();
  expect(statusOf()).toBe("RUNNING");
  expect(mesh.shard.breakers.get("default", "agent/x/work")).toMatchObject({ recentOutcomes: 0 });
});

it("are not found by another name or in another namespace", () => {
  const { breakers } = mesh.shard;
  const answers = [
    breakers.get("other", "step/w:a"),
    breakers.get("default", "step/w:b"),
    breakers.reset("default", "agent/y/work"),
  ];
  expect(answers.map((answer) => isRejection(answer) && answer.reason)).toEqual(
    answers.map(() => "BREAKER_NOT_FOUND"),
  );
});

it("tell those who subscribe of every change, until they have had enough", () => {
  const { breakers } = mesh.shard;
  const heard: string[] = [];
  const stop = breakers.subscribe({
    changed: ({ breaker: { name, state }, reason }) => heard.push(`${name} ${state}: ${reason}`),
    closed: () => heard.push("closed"),
  });
  mesh.clock.advance(agentBreakerCoolDownMs);
  breakers.reset("default", "step/w:a");
  breakers.close();
  stop();
  breakers.reset("default", "agent/x/work");
  expect(heard).toEqual(["agent/x/work HALF_OPEN: COOLED_DOWN", "step/w:a CLOSED: RESET", "closed"]);
});
