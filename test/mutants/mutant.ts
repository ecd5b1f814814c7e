/**
 * A bug planted on purpose: a diff by `git diff`, under two lines that say what it breaks, in words, and
 * which tests must notice.
 *
 *     Bug: a step starts as soon as one of its dependencies has ended
 *     Tests: services/orchestrator/src/core/join.test.ts
 */
export interface Mutant {
  readonly name: string;
  readonly bug: string;
  /** Paths from the root; any of them may notice. */
  readonly tests: readonly string[];
}

/** Reads the head of a patch. */
export function parseMutant(name: string, patch: string): Mutant {
  const bug = /^Bug: (.+)$/m.exec(patch)?.[1];
  const tests = /^Tests: (.+)$/m.exec(patch)?.[1];
  if (bug === undefined || tests === undefined) throw new Error(`${name} must begin with Bug: and Tests:`);
  return { name, bug, tests: tests.trim().split(/\s+/) };
}
