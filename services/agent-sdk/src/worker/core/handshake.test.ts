import { expect, it } from "vitest";
import { commonFlow, commonVersion } from "./handshake.ts";

it("chooses the highest version that both know", () => {
  expect(commonVersion({ min: 1, max: 1 })).toBe(1);
  expect(commonVersion({ min: 1, max: 9 })).toBe(1);
});

it("finds none when the ranges are apart, empty or missing", () => {
  expect(commonVersion({ min: 2, max: 9 })).toBeUndefined();
  expect(commonVersion({ min: 0, max: 0 })).toBeUndefined();
  expect(commonVersion({ min: 9, max: 1 })).toBeUndefined();
  expect(commonVersion(undefined)).toBeUndefined();
});

it("lets payloads flow as both know, and counts no credit where there are no chunks", () => {
  expect(commonFlow(["later", "chunks", "credit", "ping", "unheard-of"])).toEqual({
    chunks: true,
    credit: true,
    ping: true,
  });
  expect(commonFlow(["chunks"])).toEqual({ chunks: true, credit: false, ping: false });
  expect(commonFlow(["later", "credit"])).toEqual({ chunks: false, credit: false, ping: false });
});
