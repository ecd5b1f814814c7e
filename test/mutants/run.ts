import { readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Mutant, parseMutant } from "./mutant.ts";
import { copyTree } from "./tree-copy.ts";
import { runTests, tryMutant } from "./trial.ts";
import type { Verdict } from "./verdict.ts";

// npm run mutants [-- WORD …]: plants each bug whose file name has one of the words, or all.

const folder = import.meta.dirname;
const root = join(folder, "../..");
const atOnceMax = 2;

function readMutants(words: readonly string[]): readonly Mutant[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".patch"))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .sort()
    .map((name) => parseMutant(name, readFileSync(join(folder, name), "utf8")));
}

/** True when every bug was noticed. */
async function tryAll(mutants: readonly Mutant[], copies: readonly string[]): Promise<boolean> {
  const waiting = [...mutants];
  let killed = 0;
  const work = async (copy: string) => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const startedMs = performance.now();
      const verdict = await tryMutant(copy, folder, mutant);
      if (verdict.kind === "killed") killed++;
      print(mutant, verdict, performance.now() - startedMs);
    }
  };
  await Promise.all(copies.map(work));
  console.info(`${killed} of ${mutants.length} killed`);
  return killed === mutants.length;
}

function print({ name, bug, tests }: Mutant, verdict: Verdict, tookMs: number): void {
  const time = `${(tookMs / 1_000).toFixed(1)} s`.padStart(7);
  const where = tests.map((test) => basename(test)).join(" ");
  const who = verdict.kind === "killed" ? verdict.by : verdict.kind === "broken" ? verdict.why : where;
  console.info(
    `${verdict.kind.padEnd(8)} ${time}  ${name.replace(".patch", "")}: ${bug}\n${" ".repeat(19)}${who}`,
  );
}

/** Tests that fail without a bug prove nothing. */
async function checkSound(mutants: readonly Mutant[], copy: string): Promise<boolean> {
  const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))];
  const verdict = await runTests(copy, tests);
  if (verdict.kind === "survived") return true;
  console.error(`without any bug: ${verdict.kind === "killed" ? verdict.by : verdict.why} fails`);
  return false;
}

const mutants = readMutants(process.argv.slice(2));
const copies = Array.from({ length: atOnceMax }, () => copyTree(root));
try {
  const startedMs = performance.now();
  const passed = (await checkSound(mutants, copies[0]!)) && (await tryAll(mutants, copies));
  console.info(`in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  process.exitCode = passed ? 0 : 1;
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
}
