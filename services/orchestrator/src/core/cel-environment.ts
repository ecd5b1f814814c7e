import { type CelResult, type CelValue, celEnv, celError, celType, isCelError } from "./cel-library.ts";
import { Meter } from "./cel-meter.ts";
import type { Standard, Tools } from "./cel-operation.ts";
import { operations } from "./cel-operations.ts";
import { Patterns } from "./cel-pattern.ts";

/** What an error costs: making one takes ten times as long as most functions. */
const errorCost = 8;

const standards = celEnv();
const tools: Tools = { meter: new Meter(), patterns: new Patterns() };

type Group = NonNullable<ReturnType<typeof standards.funcs.find>>;

/** The library's environment, with every function call metered and some functions replaced. */
export const environment: typeof standards = {
  ...standards,
  namespace: standards.namespace,
  registry: standards.registry,
  variables: standards.variables,
  funcs: Object.assign({}, standards.funcs, {
    find: findFunction,
    [Symbol.iterator]: () => standards.funcs[Symbol.iterator](),
  }),
};

const groups = new Map<string, Group>();

/** The meter that the functions of the environment charge. Begins a new evaluation. */
export function startedMeter(): Meter {
  tools.meter.start();
  tools.patterns.start();
  return tools.meter;
}

/** Whether the language has a function or a method of that name. */
export function isFunction(name: string): boolean {
  return findFunction(name) !== undefined;
}

function findFunction(name: string): Group | undefined {
  const known = groups.get(name) ?? meteredGroup(name);
  if (known !== undefined) groups.set(name, known);
  return known;
}

function meteredGroup(name: string): Group | undefined {
  const standard = standards.funcs.find(name);
  const operation = operations.get(name);
  if (standard === undefined && operation === undefined) return undefined;
  return {
    name,
    [Symbol.iterator]: () => [][Symbol.iterator](),
    call(id, target, args) {
      const operands = target === undefined ? args : [target, ...args];
      const callStandard: Standard = (given) =>
        target === undefined
          ? standard?.call(id, undefined, [...given])
          : standard?.call(id, given[0], given.slice(1));
      const result = operation ? operation(tools, operands, callStandard) : standard?.call(id, target, args);
      return charged(result === undefined ? noOverload(name, operands) : result);
    },
  };
}

function charged(result: CelResult): CelResult {
  if (isCelError(result)) tools.meter.charge(errorCost);
  return result;
}

function noOverload(name: string, operands: readonly CelValue[]): CelResult {
  const kinds = operands.map((operand) => celType(operand).name);
  return celError(`${writtenName(name)} cannot be applied to ${kinds.join(" and ") || "nothing"}`);
}

/** How an author writes it: `_>_` is >, `@in` is in. */
function writtenName(name: string): string {
  return name.replace(/^[_@]+(?=.)|(?<=.)_+$/g, "");
}
