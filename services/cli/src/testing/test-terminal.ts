import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { plain } from "../render/paint.ts";
import type { Screen } from "../terminal/screen.ts";

/** A standard stream that remembers what was written. */
export type TestScreen = {
  readonly screen: Screen;
  /** All that was written, byte by byte. */
  readonly raw: () => string;
  /** All that was written, without colours and cursor movements. */
  readonly text: () => string;
  readonly lines: () => readonly string[];
};

/** A pipe; with a size, a terminal. */
export function testScreen(size?: { readonly columns: number; readonly rows: number }): TestScreen {
  let written = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString("utf8");
      done();
    },
  });
  if (size) Object.assign(stream, { isTTY: true, ...size });
  const text = (): string => stripVTControlCharacters(written);
  return {
    screen: { stream, isLive: size !== undefined, paint: plain },
    raw: () => written,
    text,
    lines: () => text().split("\n").slice(0, -1),
  };
}
