import { describe, expect, it } from "vitest";
import { readArguments } from "./arguments.ts";

describe("the command line", () => {
  it("measures everything once, at length, and prints a table when it says nothing", () => {
    expect(readArguments([])).toEqual({
      kind: "measure",
      quick: false,
      json: false,
      runs: 1,
      only: new Set(["raw", "w1", "w2", "w3", "w4", "w5"]),
      profileDirectory: undefined,
    });
  });

  it("takes every option", () => {
    const words = ["--quick", "--json", "--runs", "3", "--only", "w2, w5", "--profile", "profiles"];
    expect(readArguments(words)).toEqual({
      kind: "measure",
      quick: true,
      json: true,
      runs: 3,
      only: new Set(["w2", "w5"]),
      profileDirectory: "profiles",
    });
  });

  it("asks for help before anything else", () => {
    expect(readArguments(["--json", "--help"])).toEqual({ kind: "help" });
  });

  it.each([
    [["--fast"], "--fast"],
    [["surplus"], "surplus"],
    [["--runs", "0"], "from 1 to 100"],
    [["--runs", "1.5"], "from 1 to 100"],
    [["--only", "w2,w9"], "some of raw, w1, w2, w3, w4, w5"],
    [["--only", ""], "some of raw, w1, w2, w3, w4, w5"],
    [["--profile"], "--profile"],
  ])("says what is wrong with %j", (words, part) => {
    expect(readArguments(words)).toEqual({ kind: "mistake", message: expect.stringContaining(part) });
  });
});
