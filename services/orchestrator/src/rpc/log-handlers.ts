import type {
  OrchestratorService,
  ReadEventsRequest,
  ReadEventsResponse,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { Code, type Handlers, RpcError, type ServerStream } from "@weft/runtime/grpc";
import type { LogFeed } from "../app/log-feed.ts";
import { LogStream } from "../app/log-stream.ts";
import type { RelayFigures } from "../app/relay.ts";
import { executionEventMessage } from "./execution-events.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { badRequest } from "./rejection-codes.ts";
import { durationOf } from "./time.ts";

type LogMethods = "listShards" | "readEvents";

/** Each holds a page of events. */
const readersMax = 64;
const retryAfterMs = 500;

/** The logs themselves, for consumers that keep positions. */
export function logHandlers(port: ShardPort): Pick<Handlers<typeof OrchestratorService>, LogMethods> {
  let readers = 0;
  return {
    async listShards() {
      const { feed, relay } = openShard(port);
      const logId = await feed.logId();
      const shown = { shard: feed.shard, headPosition: BigInt(feed.headPosition), logId };
      return { shards: [relay ? { ...shown, relay: progressOf(relay.figures) } : shown] };
    },
    async readEvents(request, stream) {
      const { feed } = openShard(port);
      await checkRange(feed, request);
      if (readers >= readersMax) throw tooManyReaders();
      readers++;
      stream.onClose(() => readers--);
      readLog(feed, request, stream);
    },
  };
}

function progressOf({ position, lagEvents, lagMs, isConnected }: RelayFigures) {
  return {
    position: BigInt(position),
    lagEvents: BigInt(lagEvents),
    lag: durationOf(lagMs),
    connected: isConnected,
  };
}

async function checkRange(feed: LogFeed, { shard, afterPosition, logId }: ReadEventsRequest): Promise<void> {
  if (afterPosition < 0n) throw badRequest([{ field: "after_position", message: "must not be negative" }]);
  if (shard !== feed.shard)
    throw new RpcError(Code.NOT_FOUND, `shard ${shard} is not served here`, { reason: "SHARD_NOT_FOUND" });
  if (logId !== "" && logId !== (await feed.logId()))
    throw new RpcError(Code.FAILED_PRECONDITION, "the log is another one: list the shards, and begin at 0", {
      reason: "LOG_REPLACED",
    });
  if (afterPosition > feed.headPosition)
    throw new RpcError(
      Code.OUT_OF_RANGE,
      `the log ends at position ${feed.headPosition}: position ${afterPosition} is of another log`,
      { reason: "POSITION_BEYOND_LOG" },
    );
}

function readLog(
  feed: LogFeed,
  { afterPosition, follow }: ReadEventsRequest,
  stream: ServerStream<ReadEventsResponse>,
): void {
  const range = { afterPosition: Number(afterPosition), follow };
  const log = new LogStream(feed, range, {
    send: (events, headPosition) =>
      stream.write({
        $typeName: "weft.orchestrator.v1.ReadEventsResponse",
        events: events.map((routed) => executionEventMessage(feed.shard, routed)),
        headPosition: BigInt(headPosition),
      }),
    finish: () => stream.end(),
    interrupt: () => stream.fail(unreadable("the orchestrator is stopping; read on later", "STOPPING")),
    fail: () => stream.fail(unreadable("the log cannot be read; read on later", "LOG_UNREADABLE")),
  });
  stream.onDrain(() => log.resume());
  stream.onClose(() => log.stop());
}

function unreadable(message: string, reason: string): RpcError {
  return new RpcError(Code.UNAVAILABLE, message, { reason, retryAfterMs });
}

function tooManyReaders(): RpcError {
  return new RpcError(Code.RESOURCE_EXHAUSTED, `${readersMax} readers of the log are open already`, {
    reason: "TOO_MANY_READERS",
    retryAfterMs,
  });
}
