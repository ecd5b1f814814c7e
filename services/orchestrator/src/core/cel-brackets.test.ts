import { describe, expect, it } from "vitest";
import { bracketDepth } from "./cel-brackets.ts";

describe("bracketDepth", () => {
  it.each([
    ["", 0],
    ["a.b", 0],
    ["f(a)[0] + {1: 2}", 1],
    ["([{1: (2)}])", 4],
    ["((((", 4],
    ["))))((", 0],
    ["'((((' + (1)", 1],
    ['"\\"((" + (1)', 1],
    ["r'\\' + ((1))", 2],
    ["br'\\' + ((1))", 2],
    ["'''(' (''' + (1)", 1],
    ['"""((" "" """ + (1)', 1],
    ["// ((((\n(1)", 1],
    ["'never closed ((((", 0],
  ])("of %j is %d", (text, depth) => {
    expect(bracketDepth(text)).toBe(depth);
  });
});
