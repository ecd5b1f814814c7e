import { expect, it } from "vitest";
import { lineOf } from "../render/line.ts";
import { testScreen } from "../testing/test-terminal.ts";
import { openLiveDisplay } from "./live-display.ts";

const eraseLineAndGoUp = "\u001b[2K\u001b[1A";

it("takes its picture away before it leaves lines for good, however many", () => {
  const { screen, raw, text } = testScreen({ columns: 40, rows: 5 });
  const display = openLiveDisplay(screen);
  display.show([lineOf("a runs"), lineOf("b runs"), lineOf("footer")]);
  const shown = raw().length;
  const left = Array.from({ length: 9 }, (_, n) => `line ${n}`);
  display.leave(left.map((line) => lineOf(line)));
  expect(text().startsWith("a runs\nb runs\nfooter\n")).toBe(true);
  // Three lines, and the one below that the cursor stands on.
  expect(raw().slice(shown).split(eraseLineAndGoUp)).toHaveLength(4);
  expect(raw().endsWith(`${left.join("\n")}\n`)).toBe(true);
});
