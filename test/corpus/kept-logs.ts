import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeptEvent, KeptLog } from "../../services/orchestrator/src/core/corpus.fixture.ts";

/** Where the logs of all releases are: a folder for each, and a list of what may never change. */
export const corpus = import.meta.dirname;
export const manifest = join(corpus, "MANIFEST");

type Head = Pick<KeptLog, "executionId" | "definition">;

/** One JSON text a line: what the log is of, its events, and what they come to. */
export function textOf({ executionId, definition, events, final }: KeptLog): string {
  const lines = [{ executionId, definition }, ...events, { final: JSON.parse(final) as unknown }];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function parseLog(text: string): KeptLog {
  const [head, ...rest] = text.trimEnd().split("\n");
  const { final } = JSON.parse(rest.pop()!) as { final: unknown };
  const events = rest.map((line) => JSON.parse(line) as KeptEvent);
  return { ...(JSON.parse(head!) as Head), events, final: JSON.stringify(final) };
}

/** Every log that is kept, as `release/name.jsonl`. */
export function keptLogs(): readonly string[] {
  const files = readdirSync(corpus, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".jsonl")).sort();
}

export function readKept(file: string): string {
  return readFileSync(join(corpus, file), "utf8");
}

/** As `sha256sum` writes it. */
export function manifestLine(file: string): string {
  return `${createHash("sha256").update(readKept(file)).digest("hex")}  ${file}\n`;
}
