import { readOptions } from "./arguments/command.ts";
import { globalOptions } from "./arguments/global-options.ts";
import { type Page, parseArguments } from "./arguments/parse-arguments.ts";
import { commands } from "./commands.ts";
import { openConnection } from "./connection.ts";
import type { Context, World } from "./context.ts";
import type { ExitCode } from "./exit-code.ts";
import { errorLines, reportOf } from "./render/error-lines.ts";
import { plain } from "./render/paint.ts";
import { peerOf } from "./target.ts";
import { columnsOf, type Screen, writeText, writeWrapped } from "./terminal/screen.ts";

const helpColumnsMax = 100;

const epilogue = `A first run:
  weft dev                           in one terminal; leave it running
  weft run flow.yaml -i path=.       in another; an agent serves its steps

The process ends with
  0  when it worked, or the execution succeeded
  1  when the execution failed
  2  for a mistake in a definition or on the command line
  3  when the execution was cancelled
  4  for all else, such as an orchestrator that can't be reached`;

/** Runs one command line to its end. Never throws: what goes wrong is told, and is in the exit code. */
export async function runCli(line: readonly string[], world: World): Promise<ExitCode> {
  const program = {
    commands,
    options: globalOptions,
    version: "0.1.0",
    summary: "Runs workflows of agents: starts, watches and explains them.",
    epilogue,
  };
  const parsed = parseArguments(line, program, pageOf(world));
  if (parsed.status === "told") return parsed.exitCode;
  const { raw, command } = parsed;
  const verbose = raw.options["verbose"] === true;
  const inColor = raw.options["color"] !== false;
  const dressed = inColor ? world : { ...world, out: undressed(world.out), err: undressed(world.err) };
  try {
    const context = contextOf(raw.options, dressed);
    try {
      return await command.run(raw, context);
    } finally {
      context.connection.close();
    }
  } catch (error) {
    const report = reportOf(error);
    writeWrapped(dressed.err, errorLines(report), 4);
    if (verbose && error instanceof Error) writeText(dressed.err, error.stack ?? error.message);
    return report.exitCode;
  }
}

function contextOf(raw: Parameters<typeof readOptions>[1], world: World): Context {
  const given = readOptions(globalOptions, raw);
  const { config, directory } = world;
  return {
    ...world,
    connection: openConnection((service) => peerOf(service, given, config, directory)),
    form: given.output,
    namespace: given.namespace ?? config.namespace,
    verbose: given.verbose,
  };
}

function undressed(screen: Screen): Screen {
  return { ...screen, paint: plain };
}

function pageOf({ out, err }: World): Page {
  return {
    writeOut: (text) => void out.stream.write(text),
    writeErr: (text) => void err.stream.write(text),
    paintOut: out.paint,
    paintErr: err.paint,
    columns: Math.min(helpColumnsMax, columnsOf(out)),
  };
}
