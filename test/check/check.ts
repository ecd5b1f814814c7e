import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { runStages } from "./stages.ts";

/** `npm run check`: the scripts that every change passes, the slowest first. */
const stageNames = ["tidy", "generate:check", "lint", "types", "format:check"];

const root = join(import.meta.dirname, "../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};

const passed = await runStages(
  stageNames.map((name) => ({
    name,
    command: scripts[name] ?? `echo "package.json has no script ${name}"; false`,
  })),
  {
    directory: root,
    // npm would set it, half a second a script; the tools and their Node come from here.
    environment: {
      ...process.env,
      PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`,
    },
    atOnceMax: availableParallelism(),
    print: (line) => console.log(line),
  },
);
process.exitCode = passed ? 0 : 1;
