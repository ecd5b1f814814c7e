import { agents, isAgent } from "./agents/agents.ts";
import { readConfig } from "./config.ts";

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
