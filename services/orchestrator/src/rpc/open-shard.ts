import type { Shard } from "../app/shard.ts";
import { rejection } from "../core/rejection.ts";
import { rpcErrorOf } from "./rejection-codes.ts";

/** Where the shard is, while it is open. */
export type ShardPort = { readonly shard: Shard | undefined };

/** Throws UNAVAILABLE while the shard is being loaded. */
export function openShard({ shard }: ShardPort): Shard {
  if (shard) return shard;
  const message = "the log is being loaded anew: ask again";
  throw rpcErrorOf(rejection("NOT_WRITABLE", message, { retryAfterMs: 500 }));
}
