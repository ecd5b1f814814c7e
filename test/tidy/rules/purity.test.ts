import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { purity } from "./purity.ts";

const file = "services/registry/src/core/health.ts";

describe("purity", () => {
  it.each([
    ["const at = Date.now();", "Date.now"],
    ["const at = new Date();", "new Date()"],
    ["const at = Date();", "new Date()"],
    ["const at = performance.now();", "performance"],
    ["const n = Math.random();", "Math.random"],
    ['const n = Math["random"]();', "Math.random"],
    ["const id = crypto.randomUUID();", "crypto"],
    ["setTimeout(() => {}, 1);", "setTimeout"],
    ["setInterval(() => {}, 1);", "setInterval"],
    ["setImmediate(() => {});", "setImmediate"],
    ["const wait = { setTimeout };", "setTimeout"],
    ["console.log(1);", "console"],
    ["const home = process.env.HOME;", "process"],
    ["const page = await fetch(url);", "fetch"],
    ["const clock = globalThis as Clock;", "globalThis"],
  ])("refuses %s", (source, what) => {
    expect(breaches(purity, { [file]: `\n${source}` })).toEqual([`${file}:2 pure code uses ${what}`]);
  });

  it("allows dates made from data, and words that only look like globals", () => {
    const source = `
      const due = new Date(atMs).toISOString();
      const half = Math.floor(n / 2);
      const step = { process: 1, console: order.process };
      type Watch = typeof performance;
      interface Clock { performance: number; setTimeout(ms: number): void }
    `;
    expect(breaches(purity, { [file]: source })).toEqual([]);
  });

  it("covers every core and the balancer, and leaves the shell and the tests alone", () => {
    const source = "const at = Date.now();";
    expect(breaches(purity, { "libs/balancer/src/pick.ts": source })).toHaveLength(1);
    expect(breaches(purity, { "services/agent-sdk/src/worker/core/slots.ts": source })).toHaveLength(1);
    const free = {
      "services/registry/src/app/leases.ts": source,
      "services/registry/src/core/x.test.ts": source,
    };
    expect(breaches(purity, free)).toEqual([]);
  });
});
