import type { Silence } from "@weft/proto/weft/alerts/v1/alerts_pb";
import { matchersText } from "./alert-words.ts";
import { type Line, lineOf } from "./line.ts";
import { type Column, tableLines } from "./table.ts";
import { agoText, durationText, msOf } from "./time.ts";

const table: readonly Column[] = [
  { title: "SILENCE" },
  { title: "MATCHES", widthMin: 16 },
  { title: "ENDS", align: "right" },
  { title: "BY" },
  { title: "COMMENT", widthMin: 12 },
];

/** Silences as rows, or a sentence when there are none. */
export function silenceTable(silences: readonly Silence[], nowMs: number, columns: number): readonly Line[] {
  if (silences.length === 0) return [lineOf("no silences", "dim")];
  return tableLines(
    table,
    silences.map((silence) => row(silence, nowMs)),
    columns,
  );
}

function row(
  { silenceId, matchers, startTime, endTime, by, comment }: Silence,
  nowMs: number,
): readonly Line[] {
  const [startMs = nowMs, endMs = nowMs] = [msOf(startTime), msOf(endTime)];
  const starts = startMs > nowMs ? `from in ${durationText(startMs - nowMs)} ` : "";
  const ends = endMs > nowMs ? `${starts}in ${durationText(endMs - nowMs)}` : agoText(nowMs - endMs);
  return [
    lineOf(silenceId, "bold"),
    lineOf(matchersText(matchers)),
    lineOf(ends, endMs > nowMs ? undefined : "dim"),
    lineOf(by),
    lineOf(comment, "dim"),
  ];
}
