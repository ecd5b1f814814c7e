import { describe, expect, it } from "vitest";
import { Turnstile } from "./turnstile.ts";

describe("the turnstile", () => {
  it("lets everybody pass who comes before it was told to hold anybody", async () => {
    await expect(new Turnstile().pass()).resolves.toBeUndefined();
  });

  it("lets so many pass, in order, and says when another is held", async () => {
    const turnstile = new Turnstile();
    const passed: number[] = [];
    const nobody = turnstile.letThrough(0);
    for (const one of [1, 2, 3, 4]) void turnstile.pass().then(() => passed.push(one));
    await nobody;
    await turnstile.letThrough(3);
    expect(passed).toEqual([1, 2, 3]);
    await turnstile.letThrough(Number.POSITIVE_INFINITY);
    await turnstile.pass();
    expect(passed).toEqual([1, 2, 3, 4]);
  });
});
