import { capability, defineAgent } from "@weft/agent-sdk";
import { z } from "zod";
import { collect } from "../collect/collect.ts";
import type { Config } from "../config.ts";
import { failureOf } from "../step-failures.ts";
import { workFolder } from "../work-folder.ts";

/** Collection: what is in a folder, as a snapshot on disk that the next steps get by its path. */
export function collector({ reportFolder }: Config) {
  return defineAgent({
    name: "repository-collector",
    version: "1.0.0",
    slots: 2,
    capabilities: {
      "repo.collect": capability({
        input: z.object({ path: z.string().min(1) }),
        output: z.object({
          snapshot: z.string(),
          files: z.int(),
          folders: z.int(),
          bytes: z.int(),
        }),
        async run({ path }, { executionId, signal, progress, log }) {
          const { snapshot } = workFolder(reportFolder, executionId);
          const collected = await collect({ path, snapshot, reportFolder }, { signal, progress });
          if (collected.kind !== "collected") throw failureOf(collected);
          const { kind: _, ...output } = collected;
          log.info("collected", { path, files: output.files, folders: output.folders });
          return output;
        },
      }),
    },
  });
}
