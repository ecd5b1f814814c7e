import { describe, expect, it } from "vitest";
import { inputOf, isRightOutput } from "./payload.ts";

const reordered = (count: number, text: string): Buffer => {
  const entries = Array.from({ length: count }, (_, index) => [`s${count - index}`, JSON.parse(text)]);
  return Buffer.from(JSON.stringify(Object.fromEntries(entries), null, 1));
};

describe("an input", () => {
  it("is 512 bytes of JSON with one text, and no two are alike", () => {
    const inputs = [0, 7, 123_456].map((number) => inputOf(number));
    expect(inputs.map(({ length }) => length)).toEqual([512, 512, 512]);
    expect(inputs.map((input) => Object.keys(JSON.parse(input.toString())))).toEqual([
      ["text"],
      ["text"],
      ["text"],
    ]);
    expect(new Set(inputs.map(String)).size).toBe(3);
  });
});

describe("an output", () => {
  it("is right for a chain when it is the input", () => {
    expect(isRightOutput("three-steps", 5, inputOf(5))).toBe(true);
    expect(isRightOutput("thirty-steps", 5, inputOf(6))).toBe(false);
  });

  it("is right for a fan when it holds the input under each of the hundred steps", () => {
    const text = inputOf(5).toString();
    expect(isRightOutput("hundred-parallel", 5, reordered(100, text))).toBe(true);
    expect(isRightOutput("hundred-parallel", 5, reordered(99, text))).toBe(false);
    expect(isRightOutput("hundred-parallel", 5, Buffer.from(text))).toBe(false);
  });

  it("is wrong when it is no JSON", () => {
    expect(isRightOutput("three-steps", 5, Buffer.from("{"))).toBe(false);
    expect(isRightOutput("three-steps", 5, Buffer.alloc(0))).toBe(false);
  });
});
