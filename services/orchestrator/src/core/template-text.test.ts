import { describe, expect, it } from "vitest";
import { splitText } from "./template-text.ts";

const text = (value: string) => ({ kind: "text", text: value });
const expression = (source: string) => ({ kind: "expression", source });

describe("splitText", () => {
  it.each([
    ["", []],
    ["plain", [text("plain")]],
    ["${a}", [expression("a")]],
    ["${a} ", [expression("a"), text(" ")]],
    ["${a}${b}", [expression("a"), expression("b")]],
    ["x ${a} y ${b} z", [text("x "), expression("a"), text(" y "), expression("b"), text(" z")]],
    ["$${a}", [text("${a}")]],
    ["a $${b} ${c}", [text("a ${b} "), expression("c")]],
    ["$$${a}", [text("$${a}")]],
    ["${a}$${b}", [expression("a"), text("${b}")]],
    ["5 $ and {x}", [text("5 $ and {x}")]],
    ["${ {'k': {}}.k }", [expression(" {'k': {}}.k ")]],
    ['${input["}"]}', [expression('input["}"]')]],
    ["${'\\'}'}", [expression("'\\'}'")]],
    ["it's ${a}, isn't it", [text("it's "), expression("a"), text(", isn't it")]],
  ])("splits %j", (source, pieces) => {
    expect(splitText(source)).toEqual({ ok: true, pieces });
  });

  it.each(["${", "a ${b", '${"}', "${ {} "])("refuses %j, which never closes", (source) => {
    expect(splitText(source)).toMatchObject({ ok: false });
  });
});
