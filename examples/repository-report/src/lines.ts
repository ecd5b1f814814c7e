import { createReadStream } from "node:fs";

/** A longer line is none that a step of this workflow wrote. */
const lineCharactersMax = 1024 * 1024;

/**
 * The lines of a text file, ended by a newline and nothing else: what `readline` takes for line ends too, such
 * as U+2028, JSON writes within its strings.
 */
export async function* linesOf(path: string, signal: AbortSignal): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
    signal.throwIfAborted();
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineCharactersMax)
      throw new Error(`a line of more than ${lineCharactersMax} characters`);
    yield* lines;
  }
  signal.throwIfAborted();
  if (rest !== "") yield rest;
}
