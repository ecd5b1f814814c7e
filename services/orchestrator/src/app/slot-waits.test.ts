import { seededRandom, WaitingQueue } from "@weft/balancer";
import { StepClock } from "@weft/runtime/step-clock";
import { beforeEach, describe, expect, it } from "vitest";
import { SlotWaits } from "./slot-waits.ts";

type Entry = { readonly sinceMs: number };

let clock: StepClock;
let queue: WaitingQueue<Entry>;
/** Agents that offer "work" and have other orchestrators. */
let shared: string[];
let waits: SlotWaits;
/** What agents were told, such as "x: 2 work for 30". */
let told: string[];

beforeEach(() => {
  clock = new StepClock();
  queue = new WaitingQueue(100);
  shared = [];
  told = [];
  waits = new SlotWaits({
    clock,
    random: seededRandom(1),
    queue,
    sharedAgents: (capability) => (capability === "work" ? shared : []),
    tell: (agentId, { capability, ageMs, steps }) =>
      void told.push(`${agentId}: ${steps} ${capability} for ${ageMs}`),
  });
});

function share(...agentIds: readonly string[]): void {
  for (const agentId of agentIds) {
    shared.push(agentId);
    waits.sharingChanged(agentId, true);
  }
}

function unshare(agentId: string): void {
  shared = shared.filter((other) => other !== agentId);
  waits.sharingChanged(agentId, false);
}

function join(capability = "work") {
  const result = queue.enqueue(capability, { sinceMs: clock.monotonic() }, "e");
  waits.lineChanged(capability);
  return result.kind === "queued" ? result.entry : expect.fail("the queue is full");
}

function leave(entry: ReturnType<typeof join>): void {
  queue.take(entry);
  waits.lineChanged(entry.capability);
}

/** What was told in so many ms. */
function after(ms: number): readonly string[] {
  clock.advance(ms);
  return told.splice(0);
}

describe("what waits", () => {
  it("is told to an agent with other orchestrators: how many steps, and how long the next has waited", () => {
    share("x");
    join();
    expect(after(10)).toEqual([]);
    join();
    expect(after(10)).toEqual(["x: 2 work for 20"]);
  });

  it("is told again when it changes, and withdrawn when nothing waits any more", () => {
    share("x");
    const [first, second] = [join(), join()];
    after(20);
    leave(first);
    expect(after(20)).toEqual(["x: 1 work for 40"]);
    leave(second);
    expect(after(20)).toEqual(["x: 0 work for 0"]);
    join();
    expect(after(20)).toEqual(["x: 1 work for 20"]);
  });

  it("is not told again while it is the same", () => {
    share("x");
    join();
    after(20);
    waits.lineChanged("work");
    expect(after(900)).toEqual([]);
  });

  it("is told to nobody, and costs no timer, where no agent is shared", () => {
    join();
    expect(clock.armed).toBe(0);
  });

  it("is told once an agent is shared", () => {
    join();
    after(100);
    share("x");
    expect(after(20)).toEqual(["x: 1 work for 120"]);
  });

  it("is told to none that can't run it", () => {
    share("x");
    join("other");
    expect(after(20)).toEqual([]);
  });

  it("is told again to an agent that has forgotten it", () => {
    share("x");
    join();
    after(20);
    waits.forgotten("x");
    expect(after(20)).toEqual(["x: 1 work for 40"]);
  });

  it("is withdrawn from an agent that has no other orchestrators any more", () => {
    share("x", "y");
    join();
    expect(after(20)).toHaveLength(2);
    unshare("y");
    expect(after(20)).toEqual(["y: 0 work for 0"]);
  });
});

describe("many shared agents", () => {
  const many = Array.from({ length: 40 }, (_, index) => `a${index}`);

  /** Who was told to wait and was not told otherwise since. */
  function places(lines: readonly string[]): readonly string[] {
    const waiting = new Set<string>();
    for (const line of lines) {
      const [agentId = "", steps] = line.split(/: | /);
      if (steps === "0") waiting.delete(agentId);
      else waiting.add(agentId);
    }
    return [...waiting];
  }

  it("are not told by more than eight at a time, and others are from second to second", () => {
    share(...many);
    join();
    const seen = new Set<string>();
    const lines: string[] = [];
    for (let second = 0; second < 20; second++) {
      lines.push(...after(1_020));
      const now = places(lines);
      expect(now).toHaveLength(8);
      for (const agentId of now) seen.add(agentId);
    }
    expect(seen.size).toBeGreaterThan(30);
  });

  it("take the place of one that leaves", () => {
    share(...many);
    join();
    const first = after(20);
    const [gone = ""] = places(first);
    unshare(gone);
    const next = after(20);
    expect(next).toHaveLength(2);
    expect(places([...first, ...next])).toHaveLength(8);
  });
});

it("leaves no timer behind", () => {
  share("x");
  join();
  after(20);
  join();
  waits.stop();
  expect(clock.armed).toBe(0);
});
