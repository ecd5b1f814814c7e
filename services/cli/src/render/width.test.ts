import { describe, expect, it } from "vitest";
import { cutText, oneLine, textWidth } from "./width.ts";

describe("the width of a text", () => {
  it("is what a terminal gives it", () => {
    expect(textWidth("plain")).toBe(5);
    expect(textWidth("読み込み")).toBe(8);
    expect(textWidth("ＡＢ")).toBe(4);
    expect(textWidth("한글")).toBe(4);
    expect(textWidth("👩‍👩‍👧 ok")).toBe(5);
    expect(textWidth("é")).toBe(1);
    expect(textWidth("e\u0301")).toBe(1);
    expect(textWidth("a\u200bb")).toBe(2);
    expect(textWidth("✓ ⠹ ━━ │")).toBe(8);
  });
});

describe("a text that is cut", () => {
  it("ends with … and takes no more columns than it may", () => {
    expect(cutText("collect", 7)).toBe("collect");
    expect(cutText("collect", 6)).toBe("colle…");
    expect(cutText("collect", 1)).toBe("…");
    expect(cutText("collect", 0)).toBe("");
  });

  it("is not cut through a wide character or an emoji", () => {
    expect(cutText("読み込み", 4)).toBe("読…");
    expect(cutText("読み込み", 5)).toBe("読み…");
    expect(cutText("👩‍👩‍👧👩‍👩‍👧", 3)).toBe("👩‍👩‍👧…");
  });
});

describe("text from outside", () => {
  it("can't steer the terminal", () => {
    expect(oneLine("red \u001b[31malert\u001b[0m\r\nnext\ttab\u0007")).toBe("red alert next tab ");
    expect(oneLine("\u001b]0;title\u0007shown")).toBe("shown");
  });
});
