import { StepFailure } from "@weft/agent-sdk";
import type { Collected } from "./collect/collect.ts";
import { formatNumber } from "./numbers.ts";
import type { Reported } from "./report/report.ts";
import type { SnapshotReading } from "./snapshot.ts";

type Expected =
  | Exclude<Collected, { kind: "collected" }>
  | Exclude<Reported, { kind: "reported" }>
  | Exclude<SnapshotReading, { kind: "read" }>;

const whyNoFolder: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "is not a folder",
  EACCES: "may not be read by the collector",
};

/** What can go wrong in a step, as the failure that its execution shows. None of it mends by trying again. */
export function failureOf(expected: Expected): StepFailure {
  switch (expected.kind) {
    case "no-folder": {
      const why = whyNoFolder[expected.reason] ?? `can't be read: ${expected.reason}`;
      return new StepFailure("NOT_FOUND", `${expected.path} ${why}`);
    }
    case "too-many-files": {
      const most = formatNumber(expected.filesMax);
      return new StepFailure(
        "OUT_OF_RANGE",
        `more than ${most} files, which is the most that one report covers`,
      );
    }
    case "missing": {
      const ask = "do all agents have the same REPORT_FOLDER, on the same disk?";
      return new StepFailure("NOT_FOUND", `${expected.path} is not there; ${ask}`);
    }
    case "invalid": {
      const what = `${expected.path} is not what a step of this workflow wrote`;
      return new StepFailure("DATA_LOSS", `${what}: ${expected.reason}`);
    }
  }
}
