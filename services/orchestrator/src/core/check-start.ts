import { checkLabels } from "./check-labels.ts";
import type { DefinitionLimits, ExecutionLimits } from "./limits.ts";
import { workflowNameProblem } from "./names.ts";
import { addProblem, listed, newFindings, type Problem } from "./problem.ts";

const requestIdLengthMax = 128;

/** What a backend may get wrong in a start, beside the workflow itself. */
export type StartParameters = {
  readonly namespace: string;
  readonly requestId: string;
  readonly inputBytes: number;
  readonly labels: Readonly<Record<string, string>>;
};

/** The limits that a start is held to. */
export type StartLimits = Pick<DefinitionLimits, "labelsMax"> & Pick<ExecutionLimits, "payloadBytesMax">;

/** Every problem at once; none for a good start. */
export function checkStart(
  { namespace, requestId, inputBytes, labels }: StartParameters,
  { labelsMax, payloadBytesMax }: StartLimits,
): readonly Problem[] {
  const findings = newFindings();
  const namespaceProblem = workflowNameProblem(namespace);
  if (namespaceProblem !== undefined) addProblem(findings, "namespace", namespaceProblem);
  if (requestId.length > requestIdLengthMax)
    addProblem(findings, "request_id", `must not be longer than ${requestIdLengthMax} characters`);
  if (inputBytes > payloadBytesMax)
    addProblem(
      findings,
      "input",
      `is ${inputBytes} bytes; the limit is ${payloadBytesMax}. Pass large data by reference`,
    );
  checkLabels(labels, "labels", labelsMax, findings);
  return listed(findings.problems);
}

/** The definition's labels with the start's over them, or the problem that there are too many. */
export function mergeLabels(
  defaults: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
  labelsMax: number,
): { readonly labels: Readonly<Record<string, string>> } | { readonly problem: Problem } {
  const labels = { ...defaults, ...own };
  const count = Object.keys(labels).length;
  if (count <= labelsMax) return { labels };
  return {
    problem: {
      field: "labels",
      message: `with the definition's own there are ${count}; the limit is ${labelsMax}`,
    },
  };
}
