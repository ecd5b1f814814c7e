import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { testDiscipline } from "./test-discipline.ts";

const file = "services/registry/src/app/leases.test.ts";

describe("test discipline", () => {
  it.each([
    ['it.only("x", run);', "a test with .only"],
    ['describe.skip("x", run);', "a test with .skip"],
    ['test.todo("x");', "a test with .todo"],
    ['it.concurrent.only("x", run);', "a test with .only"],
    ['it.skipIf(onWindows)("x", run);', "a test with .skipIf"],
    ["await new Promise((done) => setTimeout(done, 10));", "a test waits with setTimeout"],
    ["await sleep(10);", "a test waits with sleep"],
    ['import { setTimeout as later } from "node:timers/promises";', "a test imports timers"],
  ])("refuses %s", (source, problem) => {
    expect(breaches(testDiscipline, { [file]: source })).toContain(`${file}:1 ${problem}`);
  });

  it("allows plain tests, a step clock, and words that only look alike", () => {
    const source = 'it.each(rows)("x", () => { clock.setTimeout(run, 10); list.skip(1); range.only(2); });';
    expect(breaches(testDiscipline, { [file]: source })).toEqual([]);
  });

  it("leaves the harness free to bound its waits", () => {
    expect(breaches(testDiscipline, { "test/harness/deadline.ts": "setTimeout(fail, 10_000);" })).toEqual([]);
  });
});
