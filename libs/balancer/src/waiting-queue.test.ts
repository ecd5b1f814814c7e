import { describe, expect, it } from "vitest";
import { type Waiting, WaitingQueue } from "./waiting-queue.ts";

function enqueued<T>(queue: WaitingQueue<T>, capability: string, value: T, executionId?: string): Waiting<T> {
  const result = queue.enqueue(capability, value, executionId);
  if (result.kind === "full") throw new Error("the queue is full");
  return result.entry;
}

/** Each word is an entry of the execution that its first letter names. */
function queueOf(words: string, capability = "read"): WaitingQueue<string> {
  const queue = new WaitingQueue<string>(100);
  for (const word of words.split(" ")) queue.enqueue(capability, word, word.charAt(0));
  return queue;
}

function takeNext<T>(queue: WaitingQueue<T>, ...capabilities: string[]): T | undefined {
  const next = queue.oldestAmong(capabilities);
  if (next) queue.take(next);
  return next?.value;
}

function drain(queue: WaitingQueue<string>, ...capabilities: string[]): string {
  const taken: string[] = [];
  for (let word = takeNext(queue, ...capabilities); word; word = takeNext(queue, ...capabilities))
    taken.push(word);
  return taken.join(" ");
}

describe("the waiting queue", () => {
  it("gives the entries of one execution in order of arrival", () => {
    const queue = new WaitingQueue<number>(10);
    for (const value of [1, 2, 3]) queue.enqueue("read", value);
    expect([1, 2, 3, 4].map(() => takeNext(queue, "read"))).toEqual([1, 2, 3, undefined]);
  });

  it("finds the entry that waited longest among all that a freed agent can do", () => {
    const queue = new WaitingQueue<string>(10);
    queue.enqueue("other", "first of all, but not for this agent");
    queue.enqueue("write", "first");
    queue.enqueue("read", "second");
    expect(queue.oldestAmong(["read", "write", "check"])).toMatchObject({
      capability: "write",
      value: "first",
    });
    expect(queue.size).toBe(3);
    expect(queue.oldestAmong(["check"])).toBeUndefined();
  });

  it("lets an entry leave from anywhere in its line, once", () => {
    const queue = new WaitingQueue<number>(10);
    const entries = [1, 2, 3, 4].map((value) => enqueued(queue, "read", value));
    for (const place of [1, 3, 0]) expect(queue.remove(entries[place]!)).toBe(true);
    expect(queue.remove(entries[1]!)).toBe(false);
    expect(queue.take(entries[1]!)).toBe(false);
    expect(queue.size).toBe(1);
    expect(takeNext(queue, "read")).toBe(3);
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
});

describe("the waiting queue between executions", () => {
  it("lets them take turns, oldest first", () => {
    expect(drain(queueOf("a1 a2 a3 b1 c1 c2"), "read")).toBe("a1 b1 c1 a2 c2 a3");
  });

  it("serves one step of a small execution before the second of 10,000 that came earlier", () => {
    const queue = new WaitingQueue<number>(20_000);
    for (let value = 0; value < 10_000; value++) queue.enqueue("read", value, "large");
    const small = enqueued(queue, "read", -1, "small");
    expect(queue.position(small)).toBe(2);
    expect([takeNext(queue, "read"), takeNext(queue, "read"), takeNext(queue, "read")]).toEqual([0, -1, 1]);
  });

  it("does not let newcomers pass who waits already", () => {
    const queue = queueOf("a1 a2 a3");
    const served: (string | undefined)[] = [];
    for (const newcomer of ["b1", "c1", "d1", "e1", "f1"]) {
      queue.enqueue("read", newcomer, newcomer);
      served.push(takeNext(queue, "read"));
    }
    expect(served).toEqual(["a1", "b1", "a2", "c1", "d1"]);
  });

  it("takes turns over the lines that an agent serves too", () => {
    const queue = queueOf("a1 a2 a3");
    queue.enqueue("write", "b1", "b");
    expect(drain(queue, "read", "write")).toBe("a1 b1 a2 a3");
  });

  it("keeps the turn of an execution whose next entry is withdrawn, not of one that is served", () => {
    const queue = queueOf("a1 a2 b1 b2");
    queue.remove(queue.oldestAmong(["read"])!);
    expect(drain(queue, "read")).toBe("a2 b1 b2");
  });

  it("tells the position that turns bring about", () => {
    const queue = new WaitingQueue<string>(10);
    const words = ["a1", "a2", "a3", "b1", "c1", "c2"];
    const entries = words.map((word) => enqueued(queue, "read", word, word.charAt(0)));
    expect(entries.map((entry) => queue.position(entry))).toEqual([1, 4, 6, 2, 3, 5]);
  });
});
