import { propertyName, rootName, valueReferences } from "../references.ts";
import type { Rule, Violation } from "../rule.ts";
import { lineAt, type Node, type SourceFile } from "../source-file.ts";

const tests: ReadonlySet<string> = new Set(["describe", "suite", "it", "test", "bench"]);
const choices: ReadonlySet<string> = new Set(["only", "skip", "todo", "skipIf", "runIf"]);
const waits: ReadonlySet<string> = new Set(["setTimeout", "setInterval", "sleep"]);
const timerModules: ReadonlySet<string> = new Set([
  "node:timers/promises",
  "timers/promises",
  "node:timers",
  "timers",
]);

/** Every test runs, every time, and none waits for time to pass. */
export const testDiscipline: Rule = {
  name: "test-discipline",
  check: (house) =>
    house.files
      .filter(({ path }) => path.endsWith(".test.ts"))
      .flatMap((file) => [...chosenTests(file), ...waitsIn(file)]),
};

function chosenTests(file: SourceFile): readonly Violation[] {
  return file.nodes.flatMap(({ node }) => {
    const choice = propertyName(node) ?? "";
    if (!choices.has(choice) || !tests.has(rootName(node))) return [];
    return [breach(file, node, `a test with .${choice}`, "run every test, or delete it")];
  });
}

function waitsIn(file: SourceFile): readonly Violation[] {
  const instead = "step the clock, or await the condition itself";
  const calls = valueReferences(file)
    .filter(({ name }) => waits.has(name))
    .map(({ node, name }) => breach(file, node, `a test waits with ${name}`, instead));
  const imports = file.nodes
    .filter(({ node }) => node.type === "ImportDeclaration" && timerModules.has(node.source.value))
    .map(({ node }) => breach(file, node, "a test imports timers", instead));
  return [...calls, ...imports];
}

function breach(file: SourceFile, node: Node, problem: string, instead: string): Violation {
  return { path: file.path, line: lineAt(file, node.start), problem, instead };
}
