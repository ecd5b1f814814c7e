import { Code } from "@weft/runtime/grpc";
import { describe, expect, it } from "vitest";
import { StoreLost } from "../app/store.ts";
import { errorOfLostStore, openShard } from "./open-shard.ts";

const askAgain = {
  code: Code.UNAVAILABLE,
  details: { reason: "NOT_WRITABLE", retryAfterMs: expect.any(Number) },
};

describe("a shard that is not open", () => {
  it("asks callers to come again", () => {
    expect(() => openShard({ shard: undefined })).toThrow(expect.objectContaining(askAgain));
  });

  it("asks those to come again whose call it had in hand when it closed, and nobody else", () => {
    expect(errorOfLostStore(new StoreLost("the store is closed"))).toMatchObject(askAgain);
    expect(errorOfLostStore(new Error("a bug"))).toBeUndefined();
  });
});
