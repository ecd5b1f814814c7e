import { describe, expect, it } from "vitest";
import { breaches } from "../inline-house.ts";
import { names } from "./names.ts";

describe("names", () => {
  it.each([
    "libs/runtime/src/config-reader.ts",
    "libs/a/store.contract.ts",
    "test/sim/v1.test.ts",
    "libs/a/event-types.ts",
  ])("allows %s", (path) => {
    expect(breaches(names, { [path]: "" })).toEqual([]);
  });

  it.each([
    ["libs/runtime/src/configReader.ts", "the name configReader.ts"],
    ["libs/runtime/src/Clock.ts", "the name Clock.ts"],
    ["libs/runtime/src/config_reader.ts", "the name config_reader.ts"],
    ["libs/runtime/src/utils.ts", "the name utils.ts"],
    ["libs/runtime/src/string-util.ts", "the name string-util.ts"],
    ["libs/runtime/src/helper.test.ts", "the name helper.test.ts"],
    ["libs/runtime/src/types.ts", "the name types.ts"],
    ["test/common/clock.ts", "the name common"],
    ["libs/runtime/src/misc.ts", "the name misc.ts"],
  ])("refuses %s", (path, problem) => {
    expect(breaches(names, { [path]: "" })).toEqual([`${path}:1 ${problem}`]);
  });
});
