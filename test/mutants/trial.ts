import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Mutant } from "./mutant.ts";
import { type Report, type Verdict, verdictOf } from "./verdict.ts";

/** A trial that takes longer is stopped: a bug may well make a test run for ever. */
const trialMsMax = 120_000;

/** Plants the bug in a copy of the tree, runs the tests that should notice, and takes it out again. */
export async function tryMutant(copy: string, folder: string, mutant: Mutant): Promise<Verdict> {
  const patch = join(folder, mutant.name);
  const refusal = apply(copy, patch);
  if (refusal !== undefined) return { kind: "broken", why: `it no longer applies: ${refusal}` };
  const verdict = await runTests(copy, mutant.tests);
  const left = apply(copy, patch, "--reverse");
  if (left !== undefined) throw new Error(`${mutant.name} can not be taken out again: ${left}`);
  return verdict;
}

/** What the tests make of the tree as it is. */
export async function runTests(copy: string, tests: readonly string[]): Promise<Verdict> {
  const file = join(copy, "report.json");
  const options = ["--no-isolate", "--no-file-parallelism", "--bail=1", "--silent"];
  const report = ["--reporter=json", `--outputFile=${file}`];
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const child = spawn(process.execPath, [vitest, "run", ...options, ...report, ...tests], {
    cwd: copy,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: trialMsMax,
  });
  const [said] = await Promise.all([
    text(child.stderr),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  try {
    return verdictOf(JSON.parse(readFileSync(file, "utf8")) as Report);
  } catch {
    return { kind: "broken", why: said.trim().split("\n")[0] || "the tests did not end" };
  } finally {
    rmSync(file, { force: true });
  }
}

/** Why git does not apply the patch; undefined when it did. The copy is no repository, and is not in one. */
function apply(copy: string, patch: string, ...options: readonly string[]): string | undefined {
  const { status, stderr } = spawnSync("git", ["apply", ...options, patch], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, GIT_CEILING_DIRECTORIES: copy },
  });
  return status === 0 ? undefined : stderr.trim().split("\n")[0];
}
