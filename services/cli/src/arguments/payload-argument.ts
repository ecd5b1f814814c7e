import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PayloadSchema } from "@weft/proto/weft/workflow/v1/payload_pb";
import { usageError } from "../command-error.ts";
import { readText, type Source } from "./workflow-argument.ts";

const pair = /^([A-Za-z_][\w.-]*)=(.*)$/s;

/**
 * A payload from the options that `flag` names: JSON, @file ("@-": standard input) or key=value,
 * where a value that is JSON is taken as such and any other as text. Several objects become one, later keys
 * winning. Undefined when there is none.
 */
export async function readPayload(given: readonly string[], flag: string, world: Source): Promise<unknown> {
  const values: unknown[] = [];
  for (const one of given) values.push(await readOne(one, flag, world));
  if (values.length < 2) return values[0];
  const stranger = values.findIndex((value) => !isObject(value));
  if (stranger >= 0)
    throw usageError(
      `${flag} ${given[stranger]}: it is not an object, so it must be the only ${flag}`,
      "several are merged key by key",
    );
  return Object.assign({}, ...values);
}

/** A value as the contract carries it. */
export function payloadOf(value: unknown): MessageInitShape<typeof PayloadSchema> {
  return { content: { case: "data", value: new TextEncoder().encode(JSON.stringify(value)) } };
}

async function readOne(given: string, flag: string, world: Source): Promise<unknown> {
  if (given.startsWith("@")) {
    const file = given.slice(1);
    const text = file === "-" ? await world.readInput() : await readText(file, world.directory);
    return parse(text, () => usageError(`${flag} ${given}: the file does not hold JSON`));
  }
  const [, key, value] = pair.exec(given) ?? [];
  if (key !== undefined && value !== undefined) return { [key]: looseValue(value) };
  return parse(given, () =>
    usageError(
      `${flag} ${given}: neither JSON nor key=value`,
      `a text is JSON in quotes: ${flag} '"${given}"'`,
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
