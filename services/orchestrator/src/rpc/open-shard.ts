import type { RpcError } from "@weft/runtime/grpc";
import type { Shard } from "../app/shard.ts";
import { StoreLost } from "../app/store.ts";
import { rejection } from "../core/rejection.ts";
import { rpcErrorOf } from "./rejection-codes.ts";

/** Where the shard is, while it is open. */
export type ShardPort = { readonly shard: Shard | undefined };

/** Throws UNAVAILABLE while the shard is being loaded. */
export function openShard({ shard }: ShardPort): Shard {
  if (shard) return shard;
  throw askAgain("the log is being loaded anew: ask again");
}

/** A call that was in hand when its shard closed. */
export function errorOfLostStore(error: unknown): RpcError | undefined {
  return error instanceof StoreLost
    ? askAgain("the log was lost before it had an answer: ask again")
    : undefined;
}

function askAgain(message: string): RpcError {
  return rpcErrorOf(rejection("NOT_WRITABLE", message, { retryAfterMs: 500 }));
}
