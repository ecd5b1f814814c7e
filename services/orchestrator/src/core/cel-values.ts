import {
  type CelInput,
  type CelList,
  type CelMap,
  type CelValue,
  celMap,
  celType,
  DurationSchema,
  isCelList,
  isCelMap,
  isCelUint,
  isMessage,
  isReflectMessage,
  type Message,
  TimestampSchema,
  toJson,
} from "./cel-library.ts";
import { EvaluationStopped, type Meter } from "./cel-meter.ts";
import { valueDepthMax } from "./definition-limits.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

const listBrand: unique symbol = Symbol.for("@bufbuild/cel/list");
/** Of a member of a result, beside its value. */
const memberCost = 2;

/** A JSON value as expressions see it. Nothing is copied: lists and objects are wrapped as they are met. */
export function bind(value: JsonValue): CelValue {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null) return value;
  return isJsonObject(value) ? celMap(new JsonMap(value)) : listOver(value);
}

/** The JSON value of a result; each of its parts is paid for. Stops where JSON has no such value. */
export function jsonValueOf(meter: Meter, value: CelValue, depth = 0): JsonValue {
  meter.charge(1);
  switch (typeof value) {
    case "string":
      meter.chargeText(value.length);
      return value;
    case "boolean":
      return value;
    case "bigint":
      return wholeNumber(value);
    case "number":
      if (!Number.isFinite(value)) throw new EvaluationStopped(`the result is ${value}, which JSON has not`);
      return value;
    default:
      return value === null ? null : partsOf(meter, value, depth);
  }
}

/** Refuses what is nested so deeply that the stack would not hold the walk over it. */
export function refuseDepth(depth: number): void {
  if (depth > valueDepthMax) throw new EvaluationStopped("the value is nested too deeply");
}

function partsOf(meter: Meter, value: Exclude<CelValue, null>, depth: number): JsonValue {
  refuseDepth(depth);
  if (isCelUint(value)) return wholeNumber(value.value);
  meter.chargeParts(0);
  if (isCelList(value)) return Array.from(value, (element) => jsonValueOf(meter, element, depth + 1));
  if (isCelMap(value)) return objectOf(meter, value, depth);
  meter.chargeTime();
  const text = isReflectMessage(value) ? timeText(value.message) : undefined;
  if (text !== undefined) return text;
  throw new EvaluationStopped(`the result holds a value of type ${celType(value).name}, which JSON has not`);
}

function objectOf(meter: Meter, map: CelMap, depth: number): JsonObject {
  const members = Array.from(map.entries(), ([key, value]): [string, JsonValue] => {
    const name = String(isCelUint(key) ? key.value : key);
    meter.charge(memberCost);
    meter.chargeText(name.length);
    return [name, jsonValueOf(meter, value, depth + 1)];
  });
  return Object.fromEntries(members);
}

/** The JSON form of a timestamp or a duration. */
function timeText(message: Message): string | undefined {
  if (isMessage(message, TimestampSchema)) return toJson(TimestampSchema, message);
  return isMessage(message, DurationSchema) ? toJson(DurationSchema, message) : undefined;
}

function wholeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new EvaluationStopped(`${value} is beyond the whole numbers that JSON keeps exactly (2^53)`);
}

function listOver(elements: readonly JsonValue[]): CelList {
  const list = new JsonList(elements);
  if (isCelList(list)) return list;
  throw new Error("the expression library no longer knows its lists by this brand");
}

/** A JSON list. The library makes lists of copies only; it knows others by their brand. */
class JsonList {
  readonly [listBrand] = true;
  readonly size: number;
  readonly #elements: readonly JsonValue[];

  constructor(elements: readonly JsonValue[]) {
    this.#elements = elements;
    this.size = elements.length;
  }

  get(index: number): CelValue | undefined {
    const element = this.#elements[index];
    return element === undefined ? undefined : bind(element);
  }

  *values(): IterableIterator<CelValue> {
    for (const element of this.#elements) yield bind(element);
  }

  [Symbol.iterator](): IterableIterator<CelValue> {
    return this.values();
  }
}

/** A JSON object's own members, whatever their names. */
class JsonMap implements ReadonlyMap<string, CelInput> {
  readonly #object: JsonObject;
  #size: number | undefined;

  constructor(object: JsonObject) {
    this.#object = object;
  }

  get size(): number {
    this.#size ??= Object.keys(this.#object).length;
    return this.#size;
  }

  get(key: string): CelInput | undefined {
    return this.has(key) ? bind(this.#object[key]!) : undefined;
  }

  /** The library asks for numbers too. */
  has(key: unknown): boolean {
    return typeof key === "string" && Object.hasOwn(this.#object, key);
  }

  keys(): MapIterator<string> {
    return Object.keys(this.#object).values();
  }

  *values(): MapIterator<CelInput> {
    for (const key of this.keys()) yield bind(this.#object[key]!);
  }

  *entries(): MapIterator<[string, CelInput]> {
    for (const key of this.keys()) yield [key, bind(this.#object[key]!)];
  }

  [Symbol.iterator](): MapIterator<[string, CelInput]> {
    return this.entries();
  }

  forEach(visit: (value: CelInput, key: string, map: ReadonlyMap<string, CelInput>) => void): void {
    for (const [key, value] of this) visit(value, key, this);
  }
}
