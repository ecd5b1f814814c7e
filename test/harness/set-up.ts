import { fetchMissing } from "./debian-binaries.ts";

/** Vitest runs it once, before all tests: what is missing then is asked for by the tests that need it. */
export function setup(): void {
  const problem = fetchMissing();
  if (problem) console.error(`some programs for tests could not be fetched: ${problem}`);
}
