import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProcess } from "../harness/process.ts";
import { exportOf, runSiteRelease, spansOfExport, startTracedMesh } from "../mesh/traced-run.ts";
import { drawTrace } from "./draw-trace.ts";

// Runs the mesh of the test of traces, and keeps what it exported, with a drawing of it: node test/docs/record-trace.ts
const target = join(import.meta.dirname, "../../docs/reference/traces");
const folder = mkdtempSync(join(tmpdir(), "weft-trace-"));
const processes: TestProcess[] = [];
const dev = await startTracedMesh(folder);
try {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const executionId = await runSiteRelease(folder, dev, { traceparent }, (process) =>
    processes.push(process),
  );
  await dev.orchestrator.awaitExecution({ executionId });
  await exportOf(folder, executionId);
  const files = readdirSync(folder).filter((name) => name.startsWith("spans-"));
  const exported = files.map((name) => readFileSync(join(folder, name), "utf8")).join("");
  writeFileSync(join(target, "site-release.jsonl"), exported);
  writeFileSync(join(target, "site-release.svg"), drawTrace(spansOfExport(exported)));
} finally {
  for (const process of processes) await process.end();
  await dev.close();
  rmSync(folder, { recursive: true });
}
