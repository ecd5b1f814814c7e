import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Chunk, chunkAt, chunkBytesMax, isBreach, Reassembly } from "./payload-chunks.ts";

const id = "e/s/1/1";
const none = new Uint8Array();

function chunksOf(payload: Uint8Array, dispatchId = id): Chunk[] {
  const count = Math.ceil(payload.byteLength / chunkBytesMax);
  return Array.from({ length: count }, (_, index) => chunkAt(dispatchId, payload, index * chunkBytesMax));
}

/** Bytes that are worth comparing: each place has its own. */
function payloadOf(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => index % 251);
}

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 3 * chunkBytesMax }),
  fc.constantFrom(chunkBytesMax - 1, chunkBytesMax, chunkBytesMax + 1, 2 * chunkBytesMax),
);

describe("a payload", () => {
  it("comes out of its chunks as it went in, one after the other", () => {
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 4 }), (lengths) => {
        const reassembly = new Reassembly(3 * chunkBytesMax);
        for (const length of lengths) {
          const payload = payloadOf(length);
          for (const chunk of chunksOf(payload)) {
            expect(chunk.data.byteLength).toBeLessThanOrEqual(chunkBytesMax);
            expect(reassembly.add(chunk)).toBeUndefined();
          }
          expect(Buffer.compare(reassembly.take(id, none, length) as Uint8Array, payload)).toBe(0);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is what its entry holds when it was not cut, also while another is incomplete", () => {
    const reassembly = new Reassembly(2 * chunkBytesMax);
    reassembly.add(chunksOf(payloadOf(chunkBytesMax + 1))[0]!);
    const within = payloadOf(3);
    expect(reassembly.take("e/other/1/1", within, 0)).toBe(within);
  });
});

describe("a breach", () => {
  const payload = payloadOf(2 * chunkBytesMax + 1);
  const [first, second, third] = chunksOf(payload) as [Chunk, Chunk, Chunk];
  const after = (...chunks: Chunk[]): Reassembly => {
    const reassembly = new Reassembly(payload.byteLength);
    for (const chunk of chunks) expect(reassembly.add(chunk)).toBeUndefined();
    return reassembly;
  };

  it.each<[string, Chunk[], Chunk]>([
    ["does not begin at the beginning", [], second],
    ["leaves a gap", [first], third],
    ["comes twice", [first, second], second],
    ["is another payload's", [first], { ...second, dispatchId: "e/other/1/1" }],
    ["counts another total", [first], { ...second, totalBytes: payload.byteLength - 1 }],
    ["is empty", [first], { ...second, data: none }],
    ["is larger than a chunk", [first], { ...second, data: payload.subarray(chunkBytesMax) }],
    ["goes beyond the total", [first, second], { ...third, data: second.data }],
  ])("is a chunk that %s", (_, before, chunk) => {
    expect(after(...before).add(chunk)).toMatchObject({ reason: "CHUNK_MISPLACED" });
  });

  it("is a payload above the limit, at its first chunk, before it takes any memory", () => {
    const reassembly = new Reassembly(payload.byteLength - 1);
    expect(reassembly.add(first)).toEqual({
      reason: "PAYLOAD_TOO_LARGE",
      message: `the payload of ${id} has ${payload.byteLength} bytes; the limit is ${payload.byteLength - 1}`,
    });
    expect(reassembly.add({ ...first, totalBytes: 2 ** 32 - 1 })).toMatchObject({
      reason: "PAYLOAD_TOO_LARGE",
    });
  });

  it.each<[string, Chunk[], Uint8Array, number]>([
    ["whose chunks have not all come", [first, second], none, payload.byteLength],
    ["that counts fewer bytes than have come", [first, second, third], none, payload.byteLength - 1],
    ["that counts none of those that have come", [first], none, 0],
    ["that holds a payload beside its chunks", [first, second, third], payloadOf(1), payload.byteLength],
    ["whose chunks never came", [], none, payload.byteLength],
  ])("is an entry %s", (_, before, within, chunkedBytes) => {
    expect(after(...before).take(id, within, chunkedBytes)).toMatchObject({ reason: "CHUNK_MISPLACED" });
  });

  it("never comes as an exception, whatever chunks and entries come", () => {
    const ids = fc.constantFrom("a", "b");
    const numbers = fc.oneof(fc.constantFrom(0, 1, 4, 8), fc.nat({ max: 2 ** 32 - 1 }));
    const data = fc.uint8Array({ maxLength: 5 });
    const chunk = fc.record({ dispatchId: ids, totalBytes: numbers, offset: numbers, data });
    const entry = fc.record({ dispatchId: ids, within: data, chunkedBytes: numbers });
    fc.assert(
      fc.property(fc.array(fc.oneof(chunk, entry)), (story) => {
        const reassembly = new Reassembly(8);
        for (const said of story) {
          if ("offset" in said) reassembly.add(said);
          else {
            const payload = reassembly.take(said.dispatchId, said.within, said.chunkedBytes);
            if (!isBreach(payload)) expect(payload.byteLength).toBeLessThanOrEqual(8);
          }
        }
      }),
    );
  });
});
