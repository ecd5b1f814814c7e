import { join } from "node:path";
import { capability, defineAgent } from "@weft/agent-sdk";
import { z } from "zod";
import type { Config } from "../config.ts";
import { notify } from "../notify/notify.ts";
import { report } from "../report/report.ts";
import { failureOf } from "../step-failures.ts";
import { workFolder } from "../work-folder.ts";

/** Report and notification. */
export function reporter({ reportFolder }: Config) {
  const notifications = join(reportFolder, "notifications.ndjson");
  return defineAgent({
    name: "repository-reporter",
    version: "1.0.0",
    slots: 2,
    capabilities: {
      "repo.report": capability({
        input: z.object({ snapshot: z.string(), measures: z.string(), findings: z.string() }),
        output: z.object({ html: z.string(), markdown: z.string(), summary: z.string() }),
        async run(input, { executionId, signal, progress, log }) {
          const into = workFolder(reportFolder, executionId);
          const reported = await report({ execution: executionId, ...input }, into, { signal, progress });
          if (reported.kind !== "reported") throw failureOf(reported);
          log.info("reported", { html: into.html });
          return { html: into.html, markdown: into.markdown, summary: reported.summary };
        },
      }),
      "repo.notify": capability({
        input: z.object({ summary: z.string(), html: z.string(), markdown: z.string() }),
        output: z.object({ notifications: z.string() }),
        async run(input, { executionId, idempotencyKey, signal, log }) {
          const notification = { key: idempotencyKey, execution: executionId, ...input };
          const done = await notify(notifications, notification, signal);
          log.info("notified", { notifications, done });
          return { notifications };
        },
      }),
    },
  });
}
