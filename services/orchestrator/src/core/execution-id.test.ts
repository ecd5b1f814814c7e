import { describe, expect, it } from "vitest";
import { executionId, shardOf } from "./execution-id.ts";

const random = "0123456789abcdef";

describe("an execution id", () => {
  it("names its shard", () => {
    for (const shard of [0, 35, 36, 46_655]) expect(shardOf(executionId(shard, 1, random))).toBe(shard);
  });

  it("sorts by the time of its start within a shard", () => {
    const times = [0, 1, 35, 36, Date.UTC(2030, 0, 1), Date.UTC(2999, 0, 1)];
    const ids = times.map((time) => executionId(7, time, random));
    expect([...ids].sort()).toEqual(ids);
  });

  it.each(["", "abc", "000-000000001-short", "000-000000001-ABCDEFGH", "00-000000001-abcdefgh"])(
    "is not %s",
    (text) => expect(shardOf(text)).toBeUndefined(),
  );
});
