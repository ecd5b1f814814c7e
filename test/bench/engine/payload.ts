import { isDeepStrictEqual } from "node:util";
import { type WorkflowName, workflows } from "./workflows.ts";

const inputBytes = 512;
const template = Buffer.from(`{"text":"${"-".repeat(inputBytes - 11)}"}`);
const numberAt = template.indexOf("-");

/** The input of the execution with this number: 512 bytes of JSON text, unlike that of any other. */
export function inputOf(executionNumber: number): Buffer {
  const input = Buffer.from(template);
  input.write(String(executionNumber), numberAt, "latin1");
  return input;
}

/** Whether the output is what echoing the input through the workflow's steps gives. */
export function isRightOutput(workflow: WorkflowName, executionNumber: number, output: Uint8Array): boolean {
  const expected = outputOf(workflow, executionNumber);
  // Other spacing or order of keys is right too, and rare enough to be looked at slowly.
  return expected.equals(output) || isSameJson(expected, output);
}

function outputOf(workflow: WorkflowName, executionNumber: number): Buffer {
  const input = inputOf(executionNumber);
  if (workflow !== "hundred-parallel") return input;
  const text = input.toString();
  const ids = Array.from({ length: workflows[workflow].stepCount }, (_, index) => `s${index + 1}`);
  return Buffer.from(`{${ids.map((id) => `"${id}":${text}`).join(",")}}`);
}

function isSameJson(expected: Buffer, output: Uint8Array): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(expected.toString()), JSON.parse(Buffer.from(output).toString()));
  } catch {
    return false;
  }
}
