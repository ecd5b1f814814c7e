import { Command as Commander, CommanderError, Option as CommanderOption, Help } from "commander";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import type { Paint } from "../render/paint.ts";
import { type Argument, type Command, longFlag, type Options, type RawInvocation } from "./command.ts";
import type { Option, RawOption } from "./option.ts";

export type Parsed =
  | { readonly status: "run"; readonly command: Command; readonly raw: RawInvocation }
  /** Help or a mistake, already told. */
  | { readonly status: "told"; readonly exitCode: ExitCode };

/** Where help and mistakes go. */
export type Page = {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  readonly paintOut: Paint;
  readonly paintErr: Paint;
  readonly columns: number;
};

export type Program = {
  readonly commands: readonly Command[];
  readonly options: Options;
  readonly version: string;
  readonly summary: string;
  /** Below the list of commands. */
  readonly epilogue: string;
};

/** Finds the command of a command line and takes the line apart. The only place that knows commander. */
export function parseArguments(line: readonly string[], program: Program, page: Page): Parsed {
  let parsed: Parsed = { status: "told", exitCode: exitCodes.invalid };
  const root = rootOf(program, page);
  for (const command of program.commands)
    addCommand(root, command, page, (raw) => {
      parsed = { status: "run", command, raw };
    });
  try {
    root.parse([...line], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { status: "told", exitCode: error.exitCode === 0 ? exitCodes.succeeded : exitCodes.invalid };
  }
  return parsed;
}

function rootOf({ options, version, summary, epilogue }: Program, page: Page): Commander {
  const root = new Commander("weft")
    .description(summary)
    .usage("<command> [options]")
    .version(version, "--version", "which version this is")
    .helpOption("-h, --help", "what there is to know")
    .helpCommand("help [command]", "the same as --help")
    .exitOverride()
    .configureOutput({
      writeOut: page.writeOut,
      writeErr: page.writeErr,
      outputError: (message, write) =>
        write(message.replace(/^error/, page.paintErr(["red", "bold"], "error"))),
      getOutHelpWidth: () => page.columns,
      getErrHelpWidth: () => page.columns,
    })
    .showHelpAfterError(page.paintErr("dim", "--help shows how it is used"))
    .configureHelp({
      showGlobalOptions: true,
      formatHelp: (command, help) => {
        const page = Help.prototype.formatHelp.call(help, command, help);
        return command.parent ? page : optionsLast(page);
      },
      visibleCommands: (command) => [...command.commands],
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(argumentTerm)].join(" "),
      styleTitle: (title) => page.paintOut("bold", title),
      styleSubcommandTerm: (term) => page.paintOut("cyan", term),
      styleOptionTerm: (term) => page.paintOut("cyan", term),
      styleArgumentTerm: (term) => page.paintOut("cyan", term),
    });
  for (const [name, option] of Object.entries(options)) root.addOption(commanderOption(name, option));
  root.addHelpText("after", `\n${epilogue}`);
  return root;
}

/** Commands are what a reader of the first page looks for; commander puts them below the options. */
function optionsLast(page: string): string {
  const [usage = "", description = "", options = "", ...groups] = page.trimEnd().split("\n\n");
  return `${[usage, description, ...groups, options].join("\n\n")}\n`;
}

function addCommand(
  root: Commander,
  command: Command,
  page: Page,
  onRun: (raw: RawInvocation) => void,
): void {
  const { name, group, summary, details, examples } = command;
  const added = root
    .command(name)
    .summary(summary)
    .description(details === undefined ? summary : `${summary}\n\n${details.replaceAll("\n", " ")}`)
    .helpGroup(group)
    .helpOption("-h, --help", "this page");
  for (const [key, argument] of Object.entries(command.arguments))
    added.argument(argumentFlags(key, argument), argument.help);
  for (const [key, option] of Object.entries(command.options)) added.addOption(commanderOption(key, option));
  added.addHelpText("after", examplesText(examples, page));
  added.action(() => {
    const given = added.processedArgs.map((value: unknown) =>
      typeof value === "string" ? value : undefined,
    );
    onRun({ arguments: given, options: added.optsWithGlobals<Record<string, RawOption>>() });
  });
}

function commanderOption(name: string, option: Option<unknown>): CommanderOption {
  const { short, value, repeats, help } = option;
  const flags = `${short ? `-${short}, ` : ""}${longFlag(name, option)}${value ? ` <${value}>` : ""}`;
  const made = new CommanderOption(flags, repeats ? `${help} (may be repeated)` : help);
  if (repeats)
    made.argParser<readonly string[] | undefined>((given, previous) => [...(previous ?? []), given]);
  return made;
}

function argumentFlags(name: string, { required }: Argument): string {
  const shown = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return required ? `<${shown}>` : `[${shown}]`;
}

function argumentTerm(argument: { name(): string; readonly required: boolean }): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

/** What each does stands beside it, or below where there is no room. */
function examplesText(examples: Command["examples"], { paintOut, columns }: Page): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const fits = examples.every(([, does]) => 2 + width + 2 + does.length <= columns);
  const lines = examples.flatMap(([line, does]) =>
    fits
      ? [`  ${line.padEnd(width)}  ${paintOut("dim", does)}`]
      : [`  ${line}`, `      ${paintOut("dim", does)}`],
  );
  return ["", paintOut("bold", "Examples:"), ...lines].join("\n");
}
