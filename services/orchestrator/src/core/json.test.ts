import { describe, expect, it } from "vitest";
import { canonicalText, jsonOf, jsonText, parsed } from "./json.ts";

describe("json", () => {
  it("keeps text as it came, spaces and all", () => {
    expect(jsonText(' {"b": 1.0} ').text).toBe(' {"b": 1.0} ');
  });

  it("parses text once and then hands out the same value", () => {
    const json = jsonText('{"a":[1]}');
    expect(parsed(json)).toEqual({ a: [1] });
    expect(parsed(json)).toBe(parsed(json));
  });

  it("remembers the value it was made of", () => {
    const value = { a: 1 };
    expect(parsed(jsonOf(value))).toBe(value);
  });

  it("stays equal to other Json of the same text, parsed or not", () => {
    const json = jsonText("[1]");
    parsed(json);
    expect(json).toStrictEqual(jsonText("[1]"));
  });

  it("reads values that are false in a condition", () => {
    for (const value of [null, false, 0, ""]) expect(parsed(jsonOf(value))).toBe(value);
  });
});

describe("canonicalText", () => {
  it("does not depend on the order of keys, at any depth", () => {
    const one = { b: [{ y: 1, x: null }], a: "t" };
    const other = { a: "t", b: [{ x: null, y: 1 }] };
    expect(canonicalText(one)).toBe(canonicalText(other));
    expect(canonicalText(one)).toBe('{"a":"t","b":[{"x":null,"y":1}]}');
  });

  it("depends on the order of lists", () => {
    expect(canonicalText([1, 2])).not.toBe(canonicalText([2, 1]));
  });
});
