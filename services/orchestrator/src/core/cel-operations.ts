import { equalityOperations } from "./cel-equality.ts";
import {
  type CelResult,
  type CelValue,
  celError,
  celList,
  isCelList,
  isCelMap,
  isMessage,
  isReflectMessage,
  TimestampSchema,
  timestampDate,
} from "./cel-library.ts";
import { memberOperations } from "./cel-members.ts";
import type { Operation, Standard, Tools } from "./cel-operation.ts";
import { calendar, offsetMinutes } from "./cel-time.ts";
import { convertedLengthMax } from "./definition-limits.ts";
import { quoted } from "./problem.ts";

/** Beyond this, the search for a text in a text may take time in proportion to the product of their lengths. */
const plainSearchLengthMax = 200;
const searchStepsPerUnit = 1_000;
/** Counting code points is slower than comparing or copying. */
const countingFactor = 4;

/** Every function whose cost depends on its operands, or that the library lacks or gets wrong. */
export const operations: ReadonlyMap<string, Operation> = new Map([
  ...memberOperations,
  ...equalityOperations,
  ["_+_", add],
  ...alike(["_-_", "_*_", "_/_"], (tools, operands, standard) => touch(tools, sameKind(operands), standard)),
  ["size", (tools, [value], standard) => size(tools, value!, standard)],
  ["contains", contains],
  ["matches", matches],
  ["timestamp", (tools, operands, standard) => makeTime(tools, operands.map(secondsAsMs), standard)],
  ["double", toDouble],
  ...alike(["_<_", "_<=_", "_>_", "_>=_", "startsWith", "endsWith", "string", "bytes"], touch),
  ...alike(["int", "uint"], toWhole),
  ["bool", convert],
  ["duration", makeTime],
  ...[...calendar].map(([name, read]): [string, Operation] => [name, dateReader(read)]),
]);

function alike(names: readonly string[], operation: Operation): readonly [string, Operation][] {
  return names.map((name) => [name, operation]);
}

/** What goes over its operands once. */
function touch({ meter }: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  for (const operand of operands) {
    if (isReflectMessage(operand)) meter.chargeTime();
    else meter.chargeText(lengthOf(operand));
  }
  return standard(operands);
}

function lengthOf(value: CelValue): number {
  return typeof value === "string" || value instanceof Uint8Array ? value.length : 0;
}

/** Lists become one list, at once: the library's chains of lists would cost more with every link. */
function add(tools: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  const [left, right] = operands;
  if (!isCelList(left) || !isCelList(right)) return touch(tools, sameKind(operands), standard);
  tools.meter.charge(left.size + right.size);
  return celList([...left, ...right]);
}

/**
 * Doubles, when one of two numbers is a double: JSON does not tell 10 from 10.0, so what works for a price of
 * 10.5 works for 10.
 */
function sameKind(operands: readonly CelValue[]): readonly CelValue[] {
  const isMixed = operands.some(isDouble) && operands.some((operand) => typeof operand === "bigint");
  return isMixed
    ? operands.map((operand) => (typeof operand === "bigint" ? Number(operand) : operand))
    : operands;
}

function isDouble(value: CelValue): boolean {
  return typeof value === "number";
}

function size({ meter }: Tools, value: CelValue, standard: Standard): CelResult | undefined {
  if (isCelMap(value)) meter.chargeParts(value.size);
  if (typeof value !== "string") return standard([value]);
  meter.chargeText(value.length * countingFactor);
  return BigInt(codePoints(value));
}

function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    if (text.codePointAt(index)! > 0xffff) index++;
    count++;
  }
  return count;
}

function contains(tools: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  const [text, part] = operands;
  if (typeof text === "string" && typeof part === "string" && part.length > plainSearchLengthMax)
    tools.meter.charge((text.length * part.length) / searchStepsPerUnit);
  return touch(tools, operands, standard);
}

function matches({ meter, patterns }: Tools, [text, pattern]: readonly CelValue[]): CelResult | undefined {
  if (typeof text !== "string" || typeof pattern !== "string") return undefined;
  return patterns.test(meter, text, pattern);
}

function convert(_: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  const [text] = operands;
  if (typeof text !== "string" || text.length <= convertedLengthMax) return standard(operands);
  return celError(`a text of ${text.length} characters is not converted; the limit is ${convertedLengthMax}`);
}

/** The library makes 0 of empty text. */
function toWhole(tools: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  const [text] = operands;
  if (typeof text !== "string" || text.length > convertedLengthMax || /^[+-]?\d+$/.test(text))
    return convert(tools, operands, standard);
  return celError(`${quoted(text)} is no whole number`);
}

/** The library makes NaN of text that is no number. */
function toDouble(tools: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  const [text] = operands;
  const result = convert(tools, operands, standard);
  if (typeof text !== "string" || text === "NaN" || !Number.isNaN(result)) return result;
  return celError(`${quoted(text)} is no number`);
}

function makeTime(tools: Tools, operands: readonly CelValue[], standard: Standard): CelResult | undefined {
  tools.meter.chargeTime();
  return convert(tools, operands, standard);
}

/** A whole number is seconds, as `int(timestamp)` gives them; the library takes it for milliseconds. */
function secondsAsMs(value: CelValue): CelValue {
  return typeof value === "bigint" ? value * 1_000n : value;
}

/** In UTC, whatever the machine's own time zone is; the library asks the machine. */
function dateReader(read: (date: Date) => number): Operation {
  return (_, operands, standard) => {
    const [value, zone = ""] = operands;
    if (!isReflectMessage(value) || !isMessage(value.message, TimestampSchema)) return standard(operands);
    const offset = typeof zone === "string" ? offsetMinutes(zone) : undefined;
    if (offset === undefined) return celError('a time zone must be "UTC" or an offset such as "+02:00"');
    return BigInt(read(new Date(timestampDate(value.message).getTime() + offset * 60_000)));
  };
}
