import type { RpcError } from "@weft/runtime/grpc";
import type { Peer } from "./target.ts";

/** A call that was refused or never arrived, and who was called. */
export class CallError extends Error {
  readonly peer: Peer;
  override readonly cause: RpcError;

  constructor(peer: Peer, cause: RpcError) {
    super(cause.message);
    this.name = "CallError";
    this.peer = peer;
    this.cause = cause;
  }
}
