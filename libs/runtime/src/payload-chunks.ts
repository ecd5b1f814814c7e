/** From the contract: a larger payload travels in chunks of at most so many bytes. */
export const chunkBytesMax = 64 * 1024;

/** The other side broke the protocol: its session ends with it, and is opened anew. */
export type Breach = {
  readonly reason: "CHUNK_MISPLACED" | "PAYLOAD_TOO_LARGE" | "CREDIT_EXCEEDED" | "VERSION_UNKNOWN";
  readonly message: string;
};

export function isBreach(value: object): value is Breach {
  return "reason" in value;
}

/** A part of a payload, as it travels. */
export type Chunk = {
  readonly dispatchId: string;
  /** Of the whole payload. */
  readonly totalBytes: number;
  /** Bytes of the payload that come before this part. */
  readonly offset: number;
  readonly data: Uint8Array;
};

/** The part of a payload that begins at `offset`. It shares the payload's memory. */
export function chunkAt(dispatchId: string, payload: Uint8Array, offset: number): Chunk {
  const data = payload.subarray(offset, offset + chunkBytesMax);
  return { dispatchId, totalBytes: payload.byteLength, offset, data };
}

type Assembly = { readonly dispatchId: string; readonly payload: Uint8Array; bytes: number };

/**
 * Puts payloads together again.
 *
 * 1. At most one payload is incomplete, and it holds at most payloadBytesMax.
 * 2. A payload is given out once, whole, to the entry that it belongs to.
 */
export class Reassembly {
  readonly #payloadBytesMax: number;
  #open: Assembly | undefined;

  constructor(payloadBytesMax: number) {
    this.#payloadBytesMax = payloadBytesMax;
  }

  add(chunk: Chunk): Breach | undefined {
    const open = this.#open ?? this.#begin(chunk);
    if (isBreach(open)) return open;
    const problem = misplaced(open, chunk);
    if (problem) return { reason: "CHUNK_MISPLACED", message: problem };
    open.payload.set(chunk.data, open.bytes);
    open.bytes += chunk.data.byteLength;
    this.#open = open;
    return undefined;
  }

  /** The payload of an entry: what it holds itself, or what came before it in chunks. */
  take(dispatchId: string, within: Uint8Array, chunkedBytes: number): Uint8Array | Breach {
    if (chunkedBytes === 0 && this.#open?.dispatchId !== dispatchId) return within;
    const open = this.#open;
    const isWhole =
      open?.dispatchId === dispatchId &&
      open.bytes === chunkedBytes &&
      open.bytes === open.payload.byteLength &&
      within.byteLength === 0;
    if (!isWhole) {
      const message = `the entry of ${dispatchId} says that ${chunkedBytes} bytes came in chunks; ${describe(open)}`;
      return { reason: "CHUNK_MISPLACED", message };
    }
    this.#open = undefined;
    return open.payload;
  }

  #begin({ dispatchId, totalBytes }: Chunk): Assembly | Breach {
    if (totalBytes <= this.#payloadBytesMax)
      return { dispatchId, payload: new Uint8Array(totalBytes), bytes: 0 };
    const message = `the payload of ${dispatchId} has ${totalBytes} bytes; the limit is ${this.#payloadBytesMax}`;
    return { reason: "PAYLOAD_TOO_LARGE", message };
  }
}

function misplaced(open: Assembly, { dispatchId, totalBytes, offset, data }: Chunk): string | undefined {
  const fits =
    dispatchId === open.dispatchId &&
    totalBytes === open.payload.byteLength &&
    offset === open.bytes &&
    data.byteLength >= 1 &&
    data.byteLength <= chunkBytesMax &&
    offset + data.byteLength <= totalBytes;
  if (fits) return undefined;
  return `a chunk of ${dispatchId} has ${data.byteLength} bytes at ${offset} of ${totalBytes}; ${describe(open)}`;
}

function describe(open: Assembly | undefined): string {
  return open
    ? `${open.bytes} of ${open.payload.byteLength} bytes of ${open.dispatchId} have come`
    : "no payload is incomplete";
}
