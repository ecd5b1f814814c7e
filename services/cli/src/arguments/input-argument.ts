import { usageError } from "../command-error.ts";
import { readText, type Source } from "./workflow-argument.ts";

const pair = /^([A-Za-z_][\w.-]*)=(.*)$/s;

/**
 * The input of an execution from its `--input` options: JSON, @file ("@-": standard input) or key=value,
 * where a value that is JSON is taken as such and any other as text. Several objects become one, later keys
 * winning. Undefined when there is none.
 */
export async function readInputs(given: readonly string[], world: Source): Promise<unknown> {
  const values: unknown[] = [];
  for (const one of given) values.push(await readOne(one, world));
  if (values.length < 2) return values[0];
  const stranger = values.findIndex((value) => !isObject(value));
  if (stranger >= 0)
    throw usageError(
      `--input ${given[stranger]}: it is not an object, so it must be the only --input`,
      "several are merged key by key",
    );
  return Object.assign({}, ...values);
}

async function readOne(given: string, world: Source): Promise<unknown> {
  if (given.startsWith("@")) {
    const file = given.slice(1);
    const text = file === "-" ? await world.readInput() : await readText(file, world.directory);
    return parse(text, () => usageError(`--input ${given}: the file does not hold JSON`));
  }
  const [, key, value] = pair.exec(given) ?? [];
  if (key !== undefined && value !== undefined) return { [key]: looseValue(value) };
  return parse(given, () =>
    usageError(
      `--input ${given}: neither JSON nor key=value`,
      `a text is JSON in quotes: --input '"${given}"'`,
    ),
  );
}

function parse(text: string, error: () => Error): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw error();
  }
}

function looseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
