import { Code } from "@weft/proto/google/rpc/code_pb";
import type { Failure } from "@weft/proto/weft/workflow/v1/payload_pb";
import { enumName } from "./enum-name.ts";
import { oneLine } from "./width.ts";

/** "UNAVAILABLE: the index is being rebuilt"; a reason, where there is one, says more than the code. */
export function failureText(failure: Failure | undefined): string {
  if (!failure) return "failed, without a reason given";
  const word = failure.reason || enumName(Code, failure.code);
  return failure.message === "" ? word : `${word}: ${oneLine(failure.message)}`;
}
