import { expect, it } from "vitest";
import { apply } from "./apply.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { workerLimits } from "./limits.ts";
import { later, succeeded } from "./outcome.ts";
import { progressWakeMs } from "./progress.ts";
import { createWorkerState, type WorkerState } from "./worker-state.ts";

const keptSuccesses = { countMax: 4, bytesMax: 3, ageMsMax: 20 };
const limits = { ...workerLimits, keptResultsMax: 6, sessionsMax: 3, deadlineGraceMs: 5, keptSuccesses };
const ids = Array.from({ length: 12 }, (_, index) => `e${index}/s/1/1`);

/** Mulberry32: a story is told by its seed alone. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function randomInput(random: (below: number) => number, step: number): Input {
  const session = 1 + random(4);
  const dispatchId = ids[random(ids.length)] ?? "";
  const shard = random(2);
  const epoch = BigInt(random(4));
  const capability = random(3) === 0 ? "rare" : "work";
  const input = Buffer.from("1");
  const rest = { namespace: "n", workflow: "w", input, timeLeftMs: BigInt(random(20)) };
  const choices: readonly Input[] = [
    { kind: "session.opened", session, cluster: "c", orchestratorId: `o${session % 3}` },
    { kind: "session.closed", session },
    { kind: "claim", session, shard, epoch },
    { kind: "claim", session, shard, epoch: BigInt(step) },
    { kind: "dispatch", session, dispatch: { dispatchId, shard, epoch, capability, ...rest } },
    { kind: "dispatch", session, dispatch: { dispatchId, shard, epoch, capability, ...rest } },
    { kind: "execute", dispatch: { dispatchId, shard, epoch, capability, ...rest } },
    { kind: "execute.abandoned", dispatchId },
    { kind: "cancel", session, shard, epoch, dispatchId, reason: "" },
    { kind: "extend", session, shard, epoch, dispatchId, timeLeftMs: BigInt(random(20)) },
    { kind: "result-ack", session, shard, epoch, dispatchIds: ids },
    { kind: "progressed", dispatchId, fraction: 0.5, message: "" },
    { kind: "finished", dispatchId, outcome: succeeded(Buffer.from("1")) },
    { kind: "finished", dispatchId, outcome: later },
    { kind: "wait", session, capability, ageMs: random(50), steps: random(4) },
    { kind: "woke" },
    { kind: "load.due" },
  ];
  return choices[random(choices.length)] ?? { kind: "woke" };
}

/** Most inputs of a story fit the state, at the epoch in force: otherwise nearly all would be refused. */
function fitting(state: WorkerState, input: Input, random: (below: number) => number): Input {
  if (random(8) === 0) return input;
  if (input.kind === "finished") {
    const running = [...state.runs.keys()];
    return { ...input, dispatchId: running[random(running.length || 1)] ?? input.dispatchId };
  }
  const shards = [...state.clusters.values()].flatMap((cluster) => [...cluster.values()]);
  const shard = shards.find(({ claimant }) => claimant);
  if (!shard?.claimant) return input;
  const owned = { shard: shard.number, epoch: shard.epoch };
  const session = shard.claimant.id;
  if (input.kind === "dispatch") return { ...input, session, dispatch: { ...input.dispatch, ...owned } };
  const isOwners = input.kind === "result-ack" || input.kind === "cancel" || input.kind === "extend";
  return isOwners ? { ...input, session, ...owned } : input;
}

/** The invariants at the head of worker-state.ts that do not hold now. */
function broken(state: WorkerState): readonly string[] {
  const results = [...state.results.values()];
  const runs = [...state.runs.values()];
  const unanswered = runs.filter(({ status }) => status !== "answered");
  const shards = [...state.clusters.values()].flatMap((cluster) => [...cluster.values()]);
  const holds = {
    "runs ≤ slots": state.runs.size + state.offers.length <= state.slots,
    "offers are of open sessions": state.offers.every(
      ({ session }) => state.sessions.get(session.id) === session,
    ),
    "offers end": state.offers.every(({ expiresMs }) => state.wakeAtMs <= expiresMs),
    "capability busy": [...state.capabilities.values()].every(
      (slots) =>
        slots.busy + state.offers.filter(({ capability }) => capability === slots).length <=
          slots.concurrencyMax && slots.busy === runs.filter(({ capability }) => capability === slots).length,
    ),
    "run or result": unanswered.every(({ dispatchId }) => !state.results.has(dispatchId)),
    "kept results": unanswered.length + results.length <= limits.keptResultsMax,
    "result bytes": state.resultBytes === results.reduce((sum, { bytes }) => sum + bytes, 0),
    "kept successes":
      state.successes.entries.size <= keptSuccesses.countMax &&
      state.successes.bytes <= keptSuccesses.bytesMax,
    "success bytes":
      state.successes.bytes ===
      [...state.successes.entries.values()].reduce((sum, { bytes }) => sum + bytes, 0),
    "shard busy": shards.every((shard) => shard.busy === runs.filter((run) => run.shard === shard).length),
    "session busy": [...state.sessions.values()].every(
      (session) => session.busy === [...session.claimed].reduce((sum, { busy }) => sum + busy, 0),
    ),
    claimants: shards.every(({ claimant }) => !claimant || state.sessions.get(claimant.id) === claimant),
    wake: unanswered.every((run) => state.wakeAtMs <= Math.min(run.dueMs, progressWakeMs(run))),
  };
  return Object.entries(holds).flatMap(([name, held]) => (held ? [] : [name]));
}

type Told = Map<string, "running" | "answered">;

/** Follows what is said of each dispatch, as an orchestrator would. */
function saidWrongly(told: Told, effect: Effect): readonly string[] {
  if (effect.kind === "run") {
    const { dispatchId } = effect.dispatch;
    const twice = told.get(dispatchId) === "running" ? [`${dispatchId} runs twice`] : [];
    told.set(dispatchId, "running");
    return twice;
  }
  if (effect.kind === "progress" && told.get(effect.dispatchId) !== "running")
    return [`progress of ${effect.dispatchId} after its result`];
  if (effect.kind === "result") told.set(effect.dispatchId, "answered");
  return [];
}

function tell(seed: number): { readonly runs: number; readonly problems: readonly string[] } {
  const random = randomFrom(seed);
  const capabilities = new Map([
    ["work", undefined],
    ["rare", 1],
  ]);
  const state = createWorkerState({ slots: 3, capabilities, limits });
  const told: Told = new Map();
  const problems: string[] = [];
  let runs = 0;
  for (let step = 1; step <= 300; step++) {
    const input = fitting(state, randomInput(random, step), random);
    const effects = apply(state, input, step);
    runs += effects.filter(({ kind }) => kind === "run").length;
    problems.push(...effects.flatMap((effect) => saidWrongly(told, effect)), ...broken(state));
    if (input.kind === "finished") told.set(input.dispatchId, "answered");
  }
  return { runs, problems: problems.map((problem) => `seed ${seed}: ${problem}`) };
}

it("holds its invariants through any story", () => {
  const stories = Array.from({ length: 300 }, (_, seed) => tell(seed));
  expect(stories.flatMap(({ problems }) => problems)).toEqual([]);
  expect(stories.reduce((sum, { runs }) => sum + runs, 0)).toBeGreaterThan(5_000);
});
