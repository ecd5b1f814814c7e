import { analyst } from "./agents/analyst.ts";
import { collector } from "./agents/collector.ts";
import { reporter } from "./agents/reporter.ts";
import { readConfig } from "./config.ts";

const agents = { collector, analyst, reporter };

const name = process.argv[2] ?? "";
if (isAgent(name)) {
  // What serving rejects with tells what to do; its stack would hide that.
  await agents[name](readConfig())
    .serve()
    .catch((error: unknown) => leave(error instanceof Error ? error.message : String(error), 1));
} else {
  leave(`usage: node src/main.ts ${Object.keys(agents).join("|")}`, 2);
}

function leave(message: string, exitCode: number): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}

function isAgent(text: string): text is keyof typeof agents {
  return Object.hasOwn(agents, text);
}
