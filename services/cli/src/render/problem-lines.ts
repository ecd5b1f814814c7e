import type { DefinitionProblem } from "@weft/proto/weft/workflow/v1/definition_pb";
import { type Line, lineOf, spanOf } from "./line.ts";

type Problems = Pick<
  { problems: DefinitionProblem[]; warnings: DefinitionProblem[] },
  "problems" | "warnings"
>;

/** Every mistake and warning of a definition on a line of its own, as `file:14 steps[2].dependsOn[0]: message`. */
export function problemLines(file: string, { problems, warnings }: Problems): readonly Line[] {
  return [
    ...problems.map((problem) => problemLine(file, problem)),
    ...warnings.map((problem) => problemLine(file, problem, [spanOf("warning", "yellow"), { text: ": " }])),
  ];
}

/** "5 mistakes and 1 warning" */
export function problemCount({ problems, warnings }: Problems): Line {
  const counts = [counted(problems.length, "mistake"), counted(warnings.length, "warning")].filter(Boolean);
  return lineOf(counts.join(" and ") || "no mistakes", problems.length > 0 ? "red" : "green");
}

function problemLine(file: string, { field, message, line }: DefinitionProblem, label: Line = []): Line {
  const place = line === 0 ? file : `${file}:${line}`;
  return [
    spanOf(field === "" ? place : `${place} `, "dim"),
    spanOf(field, "bold"),
    { text: ": " },
    ...label,
    spanOf(message),
  ];
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}${count === 1 ? "" : "s"}`;
}
