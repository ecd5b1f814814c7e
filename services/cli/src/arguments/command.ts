import type { Context } from "../context.ts";
import type { ExitCode } from "../exit-code.ts";
import type { Option, RawOption } from "./option.ts";

/** A word that stands by itself on the command line, named in help by `help`. */
export type Argument = { readonly required: boolean; readonly help: string };

export type Arguments = Readonly<Record<string, Argument>>;
export type Options = Readonly<Record<string, Option<unknown>>>;

/** What the command line held, as text; `command` turns it into what the specs promise. */
export type RawInvocation = {
  readonly arguments: readonly (string | undefined)[];
  readonly options: Readonly<Record<string, RawOption>>;
};

type ArgumentValues<A extends Arguments> = {
  readonly [K in keyof A]: A[K]["required"] extends true ? string : string | undefined;
};
type OptionValues<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

export type Invocation<A extends Arguments, O extends Options> = {
  readonly arguments: ArgumentValues<A>;
  readonly options: OptionValues<O>;
};

type About = {
  readonly name: string;
  /** Commands of one group stand together in help. */
  readonly group: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More, for the command's own help. */
  readonly details?: string;
  /** Whole command lines, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
};

/** A command as the parser sees it. */
export type Command = About & {
  readonly arguments: Arguments;
  readonly options: Options;
  readonly run: (raw: RawInvocation, context: Context) => Promise<ExitCode>;
};

type Definition<A extends Arguments, O extends Options> = About & {
  readonly arguments: A;
  readonly options: O;
  readonly run: (invocation: Invocation<A, O>, context: Context) => Promise<ExitCode>;
};

/** A required argument. */
export function required(help: string): { readonly required: true; readonly help: string } {
  return { required: true, help };
}

/** An argument that may be left out. */
export function optional(help: string): { readonly required: false; readonly help: string } {
  return { required: false, help };
}

/** Defines a command whose `run` gets its arguments and options typed and checked. */
export function command<const A extends Arguments, const O extends Options>(
  definition: Definition<A, O>,
): Command {
  const { arguments: args, options, run } = definition;
  return {
    ...definition,
    run: (raw, context) => {
      const named = Object.keys(args).map((name, index) => [name, raw.arguments[index]] as const);
      const invocation = {
        arguments: Object.fromEntries(named) as ArgumentValues<A>,
        options: readOptions(options, raw.options),
      };
      return run(invocation, context);
    },
  };
}

/** Reads what was given by the specs of the options. Throws a usage error for the first bad value. */
export function readOptions<O extends Options>(
  options: O,
  raw: Readonly<Record<string, RawOption>>,
): OptionValues<O> {
  const values = Object.entries(options).map(
    ([name, option]) => [name, option.read(raw[name], longFlag(name, option))] as const,
  );
  return Object.fromEntries(values) as OptionValues<O>;
}

/** `pageToken` gives `--page-token`; an option that switches something off gives `--no-…`. */
export function longFlag(name: string, { negated }: Pick<Option<unknown>, "negated">): string {
  return `--${negated ? "no-" : ""}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
