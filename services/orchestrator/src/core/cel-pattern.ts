import { RE2JS } from "./cel-library.ts";
import { EvaluationStopped, type Meter } from "./cel-meter.ts";
import { patternLengthMax, patternSizeMax } from "./definition-limits.ts";

/** A pattern of `matches`, compiled, with the number of its instructions. */
type Pattern = { readonly expression: RE2JS; readonly instructions: number };

const costPerInstruction = 8;
/** Characters tried against one instruction, for one unit of cost. */
const triesPerUnit = 4;

// One thing of a pattern: an escape, a class, a counted repetition, or any character.
const piece = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[\s\S]/gy;

/** The patterns that one evaluation uses, each compiled once. */
export class Patterns {
  readonly #compiled = new Map<string, Pattern>();

  /** Begins an evaluation. */
  start(): void {
    this.#compiled.clear();
  }

  /** Whether the pattern is found in the text, in time linear in both. */
  test(meter: Meter, text: string, source: string): boolean {
    const pattern = this.#compiled.get(source) ?? this.#compile(meter, source);
    meter.charge((text.length * pattern.instructions) / triesPerUnit);
    return pattern.expression.test(text);
  }

  #compile(meter: Meter, source: string): Pattern {
    const problem = patternProblem(source);
    if (problem !== undefined) throw new EvaluationStopped(problem);
    meter.charge(patternSize(source) * costPerInstruction);
    const expression = RE2JS.compile(source);
    const pattern = { expression, instructions: expression.re2Input.prog.numInst() };
    this.#compiled.set(source, pattern);
    return pattern;
  }
}

/** Why the pattern is not even compiled; undefined when nothing is wrong with its size. */
export function patternProblem(source: string): string | undefined {
  if (source.length > patternLengthMax) return `the pattern is longer than ${patternLengthMax} characters`;
  // Their tables take longer to build than any expression may take; and \Q would hide brackets from patternSize.
  if (/\\[pPQ]/.test(source)) return "the pattern uses \\p, \\P or \\Q, which are not available";
  if (patternSize(source) > patternSizeMax)
    return `the pattern has more than ${patternSizeMax} characters once its repetitions are written out`;
  return undefined;
}

/** The length of a pattern whose counted repetitions are written out. */
export function patternSize(source: string): number {
  const groups = [0];
  let last = 0;
  for (const [text, least, most] of source.matchAll(piece)) {
    if (text === "(") groups.push(0);
    else if (least !== undefined) last = repeat(groups, last, Math.max(Number(least), Number(most ?? 0)));
    else {
      last = text === ")" && groups.length > 1 ? groups.pop()! + 2 : 1;
      groups[groups.length - 1]! += last;
    }
  }
  return groups.reduce((sum, size) => sum + size);
}

/** What came last is there `times` times, and counts as one thing from now on. */
function repeat(groups: number[], last: number, times: number): number {
  const more = last * Math.max(0, times - 1);
  groups[groups.length - 1]! += more;
  return last + more;
}
