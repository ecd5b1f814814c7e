import { type CelList, type CelMap, type CelValue, isCelList, isCelMap, isCelUint } from "./cel-library.ts";
import { memberOf } from "./cel-members.ts";
import type { Operation, Standard, Tools } from "./cel-operation.ts";
import { refuseDepth } from "./cel-values.ts";

type Comparison = Tools & { readonly standard: Standard };

/** Equality may have to walk over all of its operands, and pays as it goes. */
export const equalityOperations: readonly (readonly [string, Operation])[] = [
  ["_==_", (tools, [left, right], standard) => isEqual({ ...tools, standard }, left!, right!)],
  ["_!=_", (tools, [left, right], standard) => !isEqual({ ...tools, standard }, left!, right!)],
  ["@in", (tools, [value, from], standard) => isIn({ ...tools, standard }, value!, from!)],
];

/** `standard` is the library's equality here, for what is neither text, list nor map. */
function isEqual(comparison: Comparison, left: CelValue, right: CelValue, depth = 0): boolean {
  const { meter, standard } = comparison;
  if (typeof left === "string" && typeof right === "string") return isSameText(comparison, left, right);
  if (typeof left !== "object" && typeof left === typeof right) return left === right;
  if (isCelList(left)) return isCelList(right) && isEqualList(comparison, left, right, depth + 1);
  if (isCelMap(left)) return isCelMap(right) && isEqualMap(comparison, left, right, depth + 1);
  if (left instanceof Uint8Array) meter.chargeText(left.length);
  return left === right || standard([left, right]) === true;
}

function isSameText({ meter }: Tools, left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  meter.chargeText(left.length);
  return left === right;
}

function isEqualList(comparison: Comparison, left: CelList, right: CelList, depth: number): boolean {
  refuseDepth(depth);
  comparison.meter.chargeParts(0);
  if (left.size !== right.size) return false;
  for (let index = 0; index < left.size; index++) {
    comparison.meter.charge(1);
    const element = right.get(index);
    if (element === undefined || !isEqual(comparison, left.get(index)!, element, depth)) return false;
  }
  return true;
}

function isEqualMap(comparison: Comparison, left: CelMap, right: CelMap, depth: number): boolean {
  refuseDepth(depth);
  comparison.meter.chargeParts(left.size);
  if (left.size !== right.size) return false;
  for (const [key, value] of left.entries()) {
    comparison.meter.charge(1);
    const other = memberOf(comparison, right, isCelUint(key) ? key.value : key);
    if (other === undefined || !isEqual(comparison, value, other, depth)) return false;
  }
  return true;
}

/** Whether the value is an element of the list or a key of the map; undefined when it is neither list nor map. */
function isIn(comparison: Comparison, value: CelValue, from: CelValue): boolean | undefined {
  if (isCelMap(from)) return memberOf(comparison, from, value) !== undefined;
  if (!isCelList(from)) return undefined;
  for (const element of from) {
    comparison.meter.charge(1);
    if (isEqual(comparison, element, value)) return true;
  }
  return false;
}
