import { describe, expect, it } from "vitest";
import { seededRandom } from "./seeded-random.ts";
import { type Waiting, WaitingQueue } from "./waiting-queue.ts";

const entriesMax = 50;
const capabilities = ["read", "write", "check"];

/** The same queue kept naively: one list, and each party's turn looked up in a map. */
type Model = {
  readonly entries: { readonly handle: Waiting<number>; readonly party: string }[];
  readonly turns: Map<string, number>;
  turnsDrawn: number;
};

type World = { readonly queue: WaitingQueue<number>; readonly random: () => number; model: Model };

function whole({ random }: World, below: number): number {
  return Math.floor(random() * below);
}

function nextIn({ entries, turns }: Model, among: readonly string[]): Model["entries"][number] | undefined {
  const able = entries.filter(({ handle }) => among.includes(handle.capability));
  const turnOf = ({ party }: Model["entries"][number]): number => turns.get(party)!;
  return able.toSorted((one, other) => turnOf(one) - turnOf(other))[0];
}

function leave(model: Model, handle: Waiting<number>, isServed: boolean): void {
  const place = model.entries.findIndex((entry) => entry.handle === handle);
  const [{ party }] = model.entries.splice(place, 1) as [Model["entries"][number]];
  if (!model.entries.some((entry) => entry.party === party)) model.turns.delete(party);
  else if (isServed) model.turns.set(party, ++model.turnsDrawn);
}

/** Serves a copy of the line until the entry's turn comes. */
function positionIn({ entries, turns, turnsDrawn }: Model, handle: Waiting<number>): number {
  const copy = { entries: [...entries], turns: new Map(turns), turnsDrawn };
  for (let position = 1; ; position++) {
    const next = nextIn(copy, [handle.capability])!;
    if (next.handle === handle) return position;
    leave(copy, next.handle, true);
  }
}

function enqueue(world: World, value: number): void {
  const { queue, model } = world;
  const capability = capabilities[whole(world, capabilities.length)]!;
  const executionId = `e${whole(world, 6)}`;
  const result = queue.enqueue(capability, value, executionId);
  expect(result.kind).toBe(model.entries.length < entriesMax ? "queued" : "full");
  if (result.kind === "full") return;
  const party = `${capability} ${executionId}`;
  if (!model.turns.has(party)) model.turns.set(party, ++model.turnsDrawn);
  model.entries.push({ handle: result.entry, party });
}

function withdraw(world: World): void {
  const { queue, model } = world;
  const { handle } = model.entries[whole(world, model.entries.length)]!;
  expect(queue.position(handle)).toBe(positionIn(model, handle));
  expect(queue.remove(handle)).toBe(true);
  leave(model, handle, false);
}

function serve({ queue, random, model }: World): void {
  const some = capabilities.filter(() => random() < 0.5);
  const next = queue.oldestAmong(some);
  expect(next).toBe(nextIn(model, some)?.handle);
  if (!next) return;
  expect(queue.take(next)).toBe(true);
  leave(model, next, true);
}

describe("a waiting queue under random operations", () => {
  it.each([1, 2, 3, 4])("agrees with a sorted list (seed %i)", (seed) => {
    const model: Model = { entries: [], turns: new Map(), turnsDrawn: 0 };
    const world: World = { queue: new WaitingQueue(entriesMax), random: seededRandom(seed), model };
    for (let step = 0; step < 5_000; step++) {
      if (world.random() < 0.55) enqueue(world, step);
      else if (world.random() < 0.5 && model.entries.length > 0) withdraw(world);
      else serve(world);
      expect(world.queue.size).toBe(model.entries.length);
    }
  });
});
