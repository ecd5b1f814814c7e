import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { replayLog } from "../../services/orchestrator/src/core/corpus.fixture.ts";
import { keptLogs, manifest, manifestLine, parseLog, readKept } from "./kept-logs.ts";

const files = keptLogs();
const fileOf = (line: string) => line.slice(line.indexOf(" "));
const byFile = (one: string, other: string) => (fileOf(one) < fileOf(other) ? -1 : 1);

describe("the log of a release", () => {
  it.each(files)("%s still comes to the same, also through a snapshot", (file) => {
    const log = parseLog(readKept(file));
    const [whole, throughSnapshot] = replayLog(log);
    expect(JSON.parse(whole)).toEqual(JSON.parse(log.final));
    expect(whole).toBe(log.final);
    expect(throughSnapshot).toBe(log.final);
  });

  it("is never changed, and never lost", () => {
    const listed = readFileSync(manifest, "utf8").split(/(?<=\n)/);
    expect(files.map(manifestLine)).toEqual(listed.toSorted(byFile));
  });

  it("knows every kind of event", () => {
    const kinds = files.flatMap((file) => parseLog(readKept(file)).events.map(({ kind }) => kind));
    expect([...new Set(kinds)].sort()).toEqual([
      "execution.cancel_requested",
      "execution.cancelled",
      "execution.failed",
      "execution.paused",
      "execution.resumed",
      "execution.started",
      "execution.succeeded",
      "execution.timed_out",
      "step.attempt_failed",
      "step.cancelled",
      "step.failed",
      "step.failed_over",
      "step.interrupted",
      "step.queued",
      "step.retry_scheduled",
      "step.skipped",
      "step.started",
      "step.succeeded",
      "step.succeeded_late",
      "step.waiting",
    ]);
  });
});
