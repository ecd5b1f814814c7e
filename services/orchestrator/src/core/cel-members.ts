import {
  type CelList,
  type CelMap,
  type CelResult,
  type CelValue,
  celError,
  celList,
  celType,
  isCelList,
  isCelMap,
  isCelUint,
} from "./cel-library.ts";
import { EvaluationStopped } from "./cel-meter.ts";
import { hidden, type Operation, type Tools } from "./cel-operation.ts";
import { comprehensionItemsMax } from "./definition-limits.ts";
import { quoted } from "./problem.ts";

// Beside the lists and not in them: to the rest of the library they are lists like any other.
const collections = new WeakMap<CelList, CelValue[]>();

/** How an expression goes into values and over them. */
export const memberOperations: readonly (readonly [string, Operation])[] = [
  [hidden.member, (tools, [from, key, name]) => member(tools, from!, key!, name!)],
  [hidden.has, (tools, [from, key, name]) => hasMember(tools, from!, key!, name!)],
  [hidden.range, (tools, [range, turn]) => chargedRange(tools, range!, Number(turn))],
  [hidden.collection, newCollection],
  [hidden.collect, (_, [list, element]) => collect(list!, element!)],
  [hidden.condition, (_, [value]) => condition(value!)],
];

function member(tools: Tools, from: CelValue, key: CelValue, name: CelValue): CelResult {
  const value = memberOf(tools, from, key);
  return value === undefined ? missing(from, key, name) : value;
}

/** The element or the value at a key; undefined when there is none. */
export function memberOf(tools: Tools, from: CelValue, key: CelValue): CelValue | undefined {
  if (isCelMap(from)) return isMapKey(key) ? valueAt(tools, from, key) : undefined;
  const index = isCelUint(key) ? Number(key.value) : Number(key);
  if (!isCelList(from) || !isNumeric(key) || !Number.isInteger(index)) return undefined;
  return from.get(index);
}

function valueAt({ meter }: Tools, map: CelMap, key: Parameters<CelMap["get"]>[0]): CelValue | undefined {
  // For what is no text, the library looks through all keys.
  if (typeof key !== "string") meter.charge(map.size * 2);
  return map.get(key);
}

function isMapKey(key: CelValue): key is Parameters<CelMap["get"]>[0] {
  return typeof key === "string" || typeof key === "boolean" || isNumeric(key);
}

function isNumeric(key: CelValue): boolean {
  return typeof key === "bigint" || typeof key === "number" || isCelUint(key);
}

function hasMember(tools: Tools, from: CelValue, key: CelValue, name: CelValue): CelResult {
  return isCelMap(from) ? memberOf(tools, from, key) !== undefined : missing(from, key, name);
}

function missing(from: CelValue, key: CelValue, name: CelValue): CelResult {
  return celError(`${typeof name === "string" ? name : "the value"} ${whatIsMissing(from, key)}`);
}

function whatIsMissing(from: CelValue, key: CelValue): string {
  if (from === null) return "is null";
  if (isCelMap(from)) return `has no ${shownKey(key)}`;
  if (!isCelList(from)) return "is neither an object nor a list";
  return isNumeric(key) ? `has no element ${shownKey(key)}: its length is ${from.size}` : "is a list";
}

function shownKey(key: CelValue): string {
  if (typeof key === "string") return quoted(key);
  if (isCelUint(key)) return String(key.value);
  return key === null || typeof key === "object" ? `key of type ${celType(key).name}` : String(key);
}

/** Pays for all turns that a macro may make before it makes the first. */
function chargedRange({ meter }: Tools, range: CelValue, turn: number): CelResult {
  if (!isCelList(range) && !isCelMap(range))
    return celError(`only lists and objects can be gone over, and this is ${celType(range).name}`);
  if (isCelMap(range)) meter.chargeParts(range.size);
  if (range.size > comprehensionItemsMax)
    throw new EvaluationStopped(
      `it goes over ${range.size} elements; the limit is ${comprehensionItemsMax}. Give work of this size to a step`,
    );
  meter.charge(range.size * turn);
  return range;
}

function newCollection(): CelList {
  const elements: CelValue[] = [];
  const list = celList(elements);
  collections.set(list, elements);
  return list;
}

/** Adds in place: nothing but the macro's own turns sees the list before it is full. */
function collect(list: CelValue, element: CelValue): CelResult {
  const elements = isCelList(list) ? collections.get(list) : undefined;
  elements?.push(element);
  return list;
}

function condition(value: CelValue): CelResult {
  return typeof value === "boolean"
    ? value
    : celError(`a condition must be true or false, not ${celType(value).name}`);
}
