import type { Succeeded } from "@weft/proto/weft/agent/v1/agent_pb";
import { chunkAt, chunkBytesMax, isBreach } from "@weft/runtime/payload-chunks";
import { creditWindowBytes } from "@weft/runtime/payload-credit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldBytesMax, IncomingResults } from "./incoming-results.ts";

const mib = 1024 * 1024;
const flow = { chunks: true, credit: true };

function succeeded(dispatchId: string, bytes: number, chunkedBytes = 0): Succeeded {
  return { $typeName: "weft.agent.v1.Succeeded", dispatchId, output: new Uint8Array(bytes), chunkedBytes };
}

/** An agent that sends results of 1 MiB as long as it has credit. */
class EagerAgent {
  readonly results = new IncomingResults(flow, mib);
  readonly done: string[] = [];
  #credit = 0;
  #sentBytes = 0;
  readonly #payload = new Uint8Array(mib);

  /** Takes what is granted and sends what it may; returns how many bytes that were. */
  send(): number {
    this.#credit += this.results.grant();
    let bytes = 0;
    while (this.#credit >= chunkBytesMax) {
      this.#chunk(`e${this.done.length}/s/1/1`);
      bytes += chunkBytesMax;
      this.#credit += this.results.grant();
    }
    return bytes;
  }

  #chunk(id: string): void {
    expect(this.results.chunk(chunkAt(id, this.#payload, this.#sentBytes))).toBeUndefined();
    this.#credit -= chunkBytesMax;
    this.#sentBytes = (this.#sentBytes + chunkBytesMax) % mib;
    if (this.#sentBytes > 0) return;
    expect(isBreach(this.results.success(succeeded(id, 0, mib)))).toBe(false);
    this.done.push(id);
  }
}

describe("credit for results", () => {
  it("ends at what is held until it is durable, and comes back with each ack", () => {
    const agent = new EagerAgent();
    expect(agent.send()).toBeLessThanOrEqual(heldBytesMax + creditWindowBytes);
    expect(agent.done).toHaveLength(4);
    agent.results.acked("e9/s/1/1");
    expect(agent.send()).toBe(0);
    for (const id of agent.done.slice(0, 2)) agent.results.acked(id);
    expect(agent.send()).toBe(2 * mib);
    expect(agent.done).toHaveLength(6);
    for (const id of agent.done.slice(0, 2)) agent.results.acked(id);
    expect(agent.send()).toBe(0);
  });

  it("comes back without an ack when it has been held for long", () => {
    const agent = new EagerAgent();
    agent.send();
    agent.results.age();
    expect(agent.send()).toBe(0);
    agent.results.age();
    expect(agent.send()).toBe(heldBytesMax);
  });

  it("counts a result that is said twice once", () => {
    const results = new IncomingResults(flow, mib);
    results.grant();
    for (let index = 0; index < 100; index++) {
      results.success(succeeded("e/s/1/1", chunkBytesMax));
      results.grant();
    }
    expect(results.success(succeeded("f/s/1/1", chunkBytesMax))).toMatchObject({ dispatchId: "f/s/1/1" });
  });

  it("is neither given nor counted when it was not agreed on", () => {
    const results = new IncomingResults({ chunks: false, credit: false }, mib);
    expect(results.grant()).toBe(0);
    const whole = succeeded("e/s/1/1", 3 * mib);
    expect(results.success(whole)).toBe(whole);
    expect(results.chunk(chunkAt("e/s/1/1", whole.output, 0))).toMatchObject({ reason: "CHUNK_MISPLACED" });
  });

  it("is missed by an agent that sends more, and that is a breach", () => {
    const results = new IncomingResults(flow, mib);
    results.grant();
    expect(isBreach(results.success(succeeded("e/s/1/1", creditWindowBytes)))).toBe(false);
    expect(results.success(succeeded("f/s/1/1", 1))).toMatchObject({ reason: "CREDIT_EXCEEDED" });
  });

  it("holds no more than its bound whatever is sent, acked and aged, and all of it comes back", () => {
    const ids = ["a", "b", "c", "d"];
    const step = fc.oneof(
      fc.record({ id: fc.constantFrom(...ids), bytes: fc.nat({ max: chunkBytesMax }) }),
      fc.record({ acked: fc.constantFrom(...ids) }),
      fc.constant("age" as const),
    );
    fc.assert(
      fc.property(fc.array(step), (story) => {
        const results = new IncomingResults(flow, mib);
        let credit = results.grant();
        for (const said of story) {
          if (said === "age") results.age();
          else if ("acked" in said) results.acked(said.acked);
          else if (said.bytes <= credit) {
            expect(isBreach(results.success(succeeded(said.id, said.bytes)))).toBe(false);
            credit -= said.bytes;
          }
          credit += results.grant();
          expect(credit).toBeLessThanOrEqual(creditWindowBytes);
        }
        for (const id of ids) results.acked(id);
        expect(credit + results.grant()).toBeGreaterThan((creditWindowBytes * 3) / 4);
      }),
    );
  });
});
