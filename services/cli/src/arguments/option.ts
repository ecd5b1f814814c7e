import { parseAddress } from "@weft/runtime/config-reader";
import { usageError } from "../command-error.ts";

/** What the command line held; undefined: nothing. */
export type RawOption = string | boolean | readonly string[] | undefined;

/** How an option looks on the command line, and how its text becomes a value. */
export type Option<T> = {
  readonly help: string;
  /** One letter, such as "o". */
  readonly short?: string;
  /** What stands for the value in help; absent: a flag. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeats?: boolean;
  /** `--no-x`: true unless given. */
  readonly negated?: boolean;
  /** Throws a usage error that names `flag`. */
  readonly read: (raw: RawOption, flag: string) => T;
};

type Bounds = { readonly min: number; readonly max: number };

export function flag(help: string): Option<boolean> {
  return { help, read: (raw) => raw === true };
}

/** On unless its `--no-` form is given. */
export function switchedOff(help: string): Option<boolean> {
  return { help, negated: true, read: (raw) => raw !== false };
}

export function text(value: string, help: string): Option<string | undefined> {
  return { value, help, read: textOf };
}

/** Every value that was given, in order. */
export function texts(value: string, help: string, short?: string): Option<readonly string[]> {
  return { value, help, repeats: true, ...(short ? { short } : {}), read: textsOf };
}

export function integer(value: string, help: string, bounds: Bounds): Option<number | undefined> {
  return {
    value,
    help,
    read: (raw, name) => {
      const given = textOf(raw);
      if (given === undefined) return undefined;
      const number = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
      if (number >= bounds.min && number <= bounds.max) return number;
      throw badValue(name, given, `a whole number from ${bounds.min} to ${bounds.max}`);
    },
  };
}

export function oneOf<T extends string>(
  choices: readonly T[],
  fallback: T,
  help: string,
  short?: string,
): Option<T> {
  return {
    value: choices.join("|"),
    help,
    ...(short ? { short } : {}),
    read: (raw, name) => choiceOf(textOf(raw) ?? fallback, choices, name),
  };
}

/** Any of the choices, repeated or with commas between them. */
export function anyOf<T extends string>(
  value: string,
  choices: readonly T[],
  help: string,
): Option<readonly T[]> {
  return {
    value,
    help: `${help}: ${choices.join(", ")}`,
    repeats: true,
    read: (raw, name) =>
      textsOf(raw)
        .flatMap((given) => given.split(","))
        .map((given) => choiceOf(given, choices, name)),
  };
}

/** key=value, repeated; a later one wins. */
export function labels(help: string): Option<Readonly<Record<string, string>>> {
  return {
    value: "key=value",
    help,
    repeats: true,
    read: (raw, name) =>
      Object.fromEntries(
        textsOf(raw).map((given) => {
          const [, key, value] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
          if (key === undefined || value === undefined)
            throw badValue(name, given, "key=value, such as team=docs");
          return [key, value];
        }),
      ),
  };
}

export function address(value: string, help: string): Option<string | undefined> {
  return {
    value,
    help,
    read: (raw, name) => {
      const given = textOf(raw);
      if (given !== undefined && !parseAddress(given))
        throw badValue(name, given, "host:port, such as 127.0.0.1:7400");
      return given;
    },
  };
}

function choiceOf<T extends string>(given: string, choices: readonly T[], name: string): T {
  const choice = choices.find((candidate) => candidate === given);
  if (choice !== undefined) return choice;
  throw badValue(name, given, `one of ${choices.join(", ")}`);
}

function textOf(raw: RawOption): string | undefined {
  return typeof raw === "string" ? raw : undefined;
}

function textsOf(raw: RawOption): readonly string[] {
  if (typeof raw === "string") return [raw];
  return typeof raw === "object" ? raw : [];
}

function badValue(name: string, given: string, expected: string): Error {
  return usageError(`${name} ${given}: expected ${expected}`);
}
