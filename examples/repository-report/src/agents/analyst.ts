import { capability, defineAgent } from "@weft/agent-sdk";
import { z } from "zod";
import { check } from "../check/check.ts";
import type { Config } from "../config.ts";
import { writeDocument } from "../document.ts";
import { measure } from "../measure/measure.ts";
import { readSnapshot, type Snapshot } from "../snapshot.ts";
import { failureOf } from "../step-failures.ts";
import { workFolder } from "../work-folder.ts";

/** Processing and validation: two capabilities that read one snapshot, at the same time if slots allow. */
export function analyst({ reportFolder }: Config) {
  return defineAgent({
    name: "repository-analyst",
    version: "1.0.0",
    slots: 4,
    capabilities: {
      "repo.measure": capability({
        input: z.object({ snapshot: z.string() }),
        output: z.object({ measures: z.string(), files: z.int(), lines: z.int(), languages: z.int() }),
        async run(input, { executionId, signal, progress, log }) {
          const measures = await measure(await snapshotAt(input.snapshot, signal), { signal, progress });
          const path = workFolder(reportFolder, executionId).measures;
          await writeDocument(path, measures);
          const { files, lines } = measures.totals;
          log.info("measured", { files, lines });
          return { measures: path, files, lines, languages: measures.languages.length };
        },
      }),
      "repo.check": capability({
        input: z.object({ snapshot: z.string() }),
        output: z.object({ findings: z.string(), errors: z.int(), warnings: z.int(), notes: z.int() }),
        async run(input, { executionId, signal, progress, log }) {
          const findings = await check(await snapshotAt(input.snapshot, signal), { signal, progress });
          const path = workFolder(reportFolder, executionId).findings;
          await writeDocument(path, findings);
          const { error, warning, note } = findings.counts;
          log.info("checked", { errors: error, warnings: warning, notes: note });
          return { findings: path, errors: error, warnings: warning, notes: note };
        },
      }),
    },
  });
}

async function snapshotAt(path: string, signal: AbortSignal): Promise<Snapshot> {
  const reading = await readSnapshot(path, signal);
  if (reading.kind !== "read") throw failureOf(reading);
  return reading.snapshot;
}
