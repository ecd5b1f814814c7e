import { systemClock } from "@weft/runtime/clock";
import { runCli } from "./cli.ts";
import { type Config, readConfig } from "./config.ts";
import { exitCodes } from "./exit-code.ts";
import { colored, plain } from "./render/paint.ts";
import { processInterrupts } from "./terminal/interrupts.ts";
import type { Screen } from "./terminal/screen.ts";

/** Runs this process's command line. Leaves the exit code behind instead of exiting: output must drain. */
export async function runProcess(): Promise<void> {
  leaveWithReader();
  const config = configOrExit();
  process.exitCode = await runCli(process.argv.slice(2), {
    out: screenOf(process.stdout, config),
    err: screenOf(process.stderr, config),
    config,
    clock: systemClock,
    interrupts: processInterrupts(),
    directory: process.cwd(),
    readInput,
  });
}

/** Whoever reads us may leave early, as `head` does. */
function leaveWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? exitCodes.succeeded : exitCodes.other);
  });
}

function configOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(exitCodes.invalid);
  }
}

function screenOf(stream: NodeJS.WriteStream, { color, isLive }: Config): Screen {
  const isTerminal = stream.isTTY === true;
  return { stream, isLive: isTerminal && isLive, paint: (color ?? isTerminal) ? colored : plain };
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
