import { ExecutionStatus } from "@weft/proto/weft/workflow/v1/execution_pb";
import { enumName } from "./enum-name.ts";
import { type Span, spanOf } from "./line.ts";

/** A status in a word, in its colour. */
export function executionStatus(status: ExecutionStatus): Span {
  const word = enumName(ExecutionStatus, status).toLowerCase().replace("_", " ");
  switch (status) {
    case ExecutionStatus.SUCCEEDED:
    case ExecutionStatus.COMPENSATED:
      return spanOf(word, "green");
    case ExecutionStatus.FAILED:
    case ExecutionStatus.COMPENSATION_FAILED:
      return spanOf(word, "red");
    case ExecutionStatus.RUNNING:
      return spanOf(word, "cyan");
    default:
      return spanOf(word, "yellow");
  }
}
