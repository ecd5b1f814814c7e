import { describe, expect, it } from "vitest";
import { address, anyOf, flag, integer, labels, oneOf, switchedOff, text, texts } from "./option.ts";

describe("an option", () => {
  it("has its default when it is not given", () => {
    expect(flag("").read(undefined, "--x")).toBe(false);
    expect(switchedOff("").read(undefined, "--no-x")).toBe(true);
    expect(text("t", "").read(undefined, "--x")).toBeUndefined();
    expect(texts("t", "").read(undefined, "--x")).toEqual([]);
    expect(integer("n", "", { min: 0, max: 9 }).read(undefined, "--x")).toBeUndefined();
    expect(oneOf(["a", "b"], "b", "").read(undefined, "--x")).toBe("b");
    expect(anyOf("s", ["a", "b"], "").read(undefined, "--x")).toEqual([]);
    expect(labels("").read(undefined, "--x")).toEqual({});
  });

  it("turns its text into a value", () => {
    expect(integer("n", "", { min: 0, max: 9 }).read("7", "--x")).toBe(7);
    expect(anyOf("s", ["a", "b"], "").read(["a,b", "a"], "--x")).toEqual(["a", "b", "a"]);
    expect(labels("").read(["team=docs", "query=a=b", "empty="], "--x")).toEqual({
      team: "docs",
      query: "a=b",
      empty: "",
    });
    expect(address("a", "").read("[::1]:7400", "--x")).toBe("[::1]:7400");
  });

  it("refuses a bad value by name, and says what it expects", () => {
    const refusals: readonly (readonly [() => unknown, string])[] = [
      [
        () => integer("n", "", { min: 1, max: 9 }).read("10", "--n"),
        "--n 10: expected a whole number from 1 to 9",
      ],
      [() => integer("n", "", { min: 1, max: 9 }).read("1.5", "--n"), "--n 1.5: expected a whole number"],
      [() => oneOf(["a", "b"], "b", "").read("c", "--output"), "--output c: expected one of a, b"],
      [() => anyOf("s", ["a", "b"], "").read("a,c", "--status"), "--status c: expected one of a, b"],
      [() => labels("").read("team", "--label"), "--label team: expected key=value"],
      [() => labels("").read("=x", "--label"), "--label =x: expected key=value"],
      [() => address("a", "").read("here", "--address"), "--address here: expected host:port"],
    ];
    for (const [read, message] of refusals) expect(read).toThrowError(message);
  });
});
