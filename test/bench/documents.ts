/**
 * `node test/bench/documents.ts`: how long hostile definitions hold the main thread, which serves everybody.
 * Exits with 1 when one holds it for more than 50 ms of processor time.
 */

import { orchestratorDefaults } from "@weft/orchestrator";
import { DefinitionTexts, lengthInPlaceMax } from "@weft/orchestrator/definition-texts";
import { type HostileDocument, hostileDocuments } from "./hostile-documents.ts";
import { median } from "./statistics.ts";

const holdMsMax = 50;
const rounds = 3;
const kibibyte = 1024;

/** The longest that one turn of the event loop took of the processor until the work was done. */
async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let isDone = false;
  const done = work().finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const before = process.threadCpuUsage();
    await new Promise((resolve) => setImmediate(resolve));
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1_000);
  }
  await done;
  return longest;
}

async function holdMs(texts: DefinitionTexts, { text }: HostileDocument): Promise<number> {
  const timings: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // The first part of the check runs at once, where nothing would measure it.
    timings.push(await longestTurnMs(() => Promise.resolve().then(() => texts.check(text))));
  }
  return median(timings);
}

async function worst(what: string, documents: readonly HostileDocument[]): Promise<number> {
  const texts = new DefinitionTexts(orchestratorDefaults.definitionLimits);
  const timings = [];
  for (const document of documents) timings.push({ ...document, ms: await holdMs(texts, document) });
  texts.close();
  const slowest = timings.toSorted((one, other) => other.ms - one.ms).slice(0, 3);
  for (const { name, ms, text } of slowest)
    process.stdout.write(`${what}: ${ms.toFixed(1)} ms  ${name}, ${text.length} characters\n`);
  return slowest[0]?.ms ?? 0;
}

const short = await worst("in place", hostileDocuments(lengthInPlaceMax, lengthInPlaceMax));
const long = await worst("on a thread", hostileDocuments(255 * kibibyte, 1_023 * kibibyte));
process.exitCode = Math.max(short, long) > holdMsMax ? 1 : 0;
