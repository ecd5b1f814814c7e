import { isRejection, type Rejection } from "../core/rejection.ts";
import { toRpcError } from "./rejection-codes.ts";

/** The answer; a refusal is thrown as the caller is to see it. */
export function accepted<T extends object | string>(outcome: T | Rejection): T {
  if (typeof outcome === "object" && isRejection(outcome)) throw toRpcError(outcome);
  return outcome as T;
}
