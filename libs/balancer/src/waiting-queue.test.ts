import { describe, expect, it } from "vitest";
import { seededRandom } from "./seeded-random.ts";
import { type Waiting, WaitingQueue } from "./waiting-queue.ts";

function enqueued<T>(queue: WaitingQueue<T>, capability: string, value: T): Waiting<T> {
  const result = queue.enqueue(capability, value);
  if (result.kind === "full") throw new Error("the queue is full");
  return result.entry;
}

describe("the waiting queue", () => {
  it("gives the entries of a capability in order of arrival", () => {
    const queue = new WaitingQueue<number>(10);
    for (const value of [1, 2, 3]) queue.enqueue("read", value);
    const taken = [1, 2, 3, 4].map(() => queue.takeOldest("read")?.value);
    expect(taken).toEqual([1, 2, 3, undefined]);
  });

  it("finds the entry that waited longest among all that a freed agent can do", () => {
    const queue = new WaitingQueue<string>(10);
    queue.enqueue("other", "first of all, but not for this agent");
    queue.enqueue("write", "first");
    queue.enqueue("read", "second");
    const oldest = queue.oldestAmong(["read", "write", "check"]);
    expect(oldest).toMatchObject({ capability: "write", value: "first" });
    expect(queue.size).toBe(3);
    expect(queue.oldestAmong(["check"])).toBeUndefined();
  });

  it("lets an entry leave from anywhere in its line, once", () => {
    const queue = new WaitingQueue<number>(10);
    const entries = [1, 2, 3, 4].map((value) => enqueued(queue, "read", value));
    for (const place of [1, 3, 0]) expect(queue.remove(entries[place]!)).toBe(true);
    expect(queue.remove(entries[1]!)).toBe(false);
    expect(queue.size).toBe(1);
    expect(queue.takeOldest("read")?.value).toBe(3);
    expect(queue.remove(entries[2]!)).toBe(false);
  });

  it("refuses an entry beyond its bound, and takes one again when another left", () => {
    const queue = new WaitingQueue<number>(2);
    const first = enqueued(queue, "read", 1);
    queue.enqueue("write", 2);
    expect(queue.enqueue("read", 3)).toEqual({ kind: "full", entriesMax: 2 });
    queue.remove(first);
    expect(queue.enqueue("read", 3).kind).toBe("queued");
  });

  it("tells an entry's position in its line", () => {
    const queue = new WaitingQueue<number>(10);
    const [first, second, third] = [1, 2, 3].map((value) => enqueued(queue, "read", value));
    enqueued(queue, "write", 4);
    expect(queue.position(third!)).toBe(3);
    queue.remove(first!);
    expect(queue.position(third!)).toBe(2);
    expect(queue.position(second!)).toBe(1);
    expect(queue.position(first!)).toBeUndefined();
  });

  it.each([1, 2, 3, 4])("agrees with a sorted list under random operations (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const whole = (below: number): number => Math.floor(random() * below);
    const capabilities = ["read", "write", "check"];
    const queue = new WaitingQueue<number>(50);
    let model: Waiting<number>[] = [];
    for (let arrival = 0; arrival < 5_000; arrival++) {
      const some = capabilities.filter(() => random() < 0.5);
      if (random() < 0.55) {
        const result = queue.enqueue(capabilities[whole(3)]!, arrival);
        expect(result.kind).toBe(model.length < 50 ? "queued" : "full");
        if (result.kind === "queued") model.push(result.entry);
      } else if (random() < 0.5 && model.length > 0) {
        const entry = model[whole(model.length)]!;
        const line = model.filter(({ capability }) => capability === entry.capability);
        expect(queue.position(entry)).toBe(line.indexOf(entry) + 1);
        expect(queue.remove(entry)).toBe(true);
        model = model.filter((other) => other !== entry);
      } else {
        const oldest = queue.oldestAmong(some);
        expect(oldest).toBe(model.find(({ capability }) => some.includes(capability)));
        if (oldest) expect(queue.takeOldest(oldest.capability)).toBe(oldest);
        model = model.filter((other) => other !== oldest);
      }
      expect(queue.size).toBe(model.length);
    }
  });
});
