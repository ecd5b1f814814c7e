import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Any schema that follows Standard Schema: zod, valibot, arktype and others. */
export type Schema<In = unknown, Out = In> = StandardSchemaV1<In, Out>;
/** What a schema accepts. */
export type InputOf<S extends Schema> = StandardSchemaV1.InferInput<S>;
/** What a schema yields. */
export type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>;

/**
 * A schema that takes every value for a `T` and checks nothing: for a start without a schema library, or for
 * data that somebody else has checked.
 *
 * @example
 * ```ts
 * const greet = capability({
 *   input: unchecked<{ name: string }>(),
 *   output: unchecked<string>(),
 *   run: ({ name }) => `Hello, ${name}`,
 * });
 * ```
 */
export function unchecked<T>(): Schema<T> {
  const validate = (value: unknown) => ({ value: value as T });
  return { "~standard": { version: 1, vendor: "weft", validate } };
}

export type Checked =
  | { readonly status: "valid"; readonly value: unknown }
  | { readonly status: "invalid"; readonly problems: string };

const issuesMax = 50;

/** A promise only if the schema validates asynchronously. */
export function check(schema: Schema, value: unknown): Checked | Promise<Checked> {
  const result = schema["~standard"].validate(value);
  return result instanceof Promise ? result.then(checked) : checked(result);
}

function checked(result: StandardSchemaV1.Result<unknown>): Checked {
  return result.issues
    ? { status: "invalid", problems: describe(result.issues) }
    : { status: "valid", value: result.value };
}

function describe(issues: readonly StandardSchemaV1.Issue[]): string {
  const lines = issues.slice(0, issuesMax).map(({ path, message }) => {
    const where = pathOf(path ?? []);
    return where ? `${where}: ${message}` : message;
  });
  const hidden = issues.length - lines.length;
  return [...lines, ...(hidden > 0 ? [`${hidden} more`] : [])].join("; ");
}

/** As in `files[0].name`. */
function pathOf(path: NonNullable<StandardSchemaV1.Issue["path"]>): string {
  return path
    .map((segment) => (typeof segment === "object" ? segment.key : segment))
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`))
    .join("");
}
