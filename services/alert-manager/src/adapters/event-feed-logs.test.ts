import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type ExecutionEvent, ExecutionEventSchema } from "@weft/proto/weft/events/v1/events_pb";
import {
  ListShardsResponseSchema,
  ReadEventsResponseSchema,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { CloudEvent } from "@weft/runtime/event-bus";
import { beforeEach, describe, expect, it } from "vitest";
import type { Placed } from "../core/observation.ts";
import { type KnownLogs, type LogReader, ShardLogs } from "./event-feed-logs.ts";
import { openKnownLogs } from "./known-logs.ts";

const pageSize = 4;

function messageAt(position: number): ExecutionEvent {
  return create(ExecutionEventSchema, {
    namespace: "default",
    workflow: "w",
    event: {
      executionId: "e",
      position: BigInt(position),
      sequence: BigInt(position),
      time: timestampFromMs(position),
      event: { case: "stepQueued", value: { stepId: "a" } },
    },
  });
}

/** An orchestrator's log, that may be wiped, and out of reach. */
class Log {
  logId = "aa";
  headPosition = 0;
  reads = 0;
  isReachable = true;

  readonly reader = {
    listShards: async () => {
      this.#reach();
      const shards = [{ shard: 0, headPosition: BigInt(this.headPosition), logId: this.logId }];
      return create(ListShardsResponseSchema, { shards });
    },
    readEvents: (request: { readonly afterPosition?: bigint; readonly logId?: string }) => {
      this.reads++;
      return this.#pages(Number(request.afterPosition), request.logId ?? "");
    },
  } as unknown as LogReader;

  async *#pages(afterPosition: number, logId: string) {
    this.#reach();
    if (logId !== this.logId) throw new Error("the log is another one");
    for (let next = afterPosition + 1; next <= this.headPosition; next += pageSize) {
      const last = Math.min(next + pageSize - 1, this.headPosition);
      const events = Array.from({ length: last - next + 1 }, (_, index) => messageAt(next + index));
      yield create(ReadEventsResponseSchema, { events, headPosition: BigInt(this.headPosition) });
    }
  }

  #reach(): void {
    if (!this.isReachable) throw new Error("out of reach");
  }
}

let log: Log;
let known: KnownLogs;
let taken: number[];
let resets: string[];
let isRefusing: boolean;
let logs: ShardLogs;

beforeEach(async () => {
  log = new Log();
  known = openKnownLogs(undefined);
  taken = [];
  resets = [];
  isRefusing = false;
  logs = opened(0);
});

function opened(position: number): ShardLogs {
  const sink = {
    async observe(placed: readonly Placed[]) {
      if (isRefusing) throw new Error("the disk is full");
      taken.push(...placed.map(({ place }) => place!.position));
    },
    async logReset(_: number, logId: string) {
      resets.push(logId);
    },
  };
  const positions = new Map(position === 0 ? [] : [[0, position] as const]);
  return new ShardLogs(positions, { reader: log.reader, known, sink }, new AbortController().signal);
}

/** As the bus brings it; `data` of a stub is its place alone. */
function heard(position: number, { logId = log.logId, isStub = false } = {}): CloudEvent {
  const message = messageAt(position);
  if (isStub) message.event!.event = { case: undefined };
  return {
    id: `0/${position}`,
    source: `/weft/logs/${logId}`,
    type: "step.queued",
    subject: "e",
    timeMs: position,
    extensions: {},
    data: Buffer.from(toJsonString(ExecutionEventSchema, message)),
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("the logs of shards", () => {
  it("are read from the positions that are known to their heads", async () => {
    log.headPosition = 10;
    logs = opened(3);
    expect(logs.isBehind).toBe(true);
    await logs.reconcile();
    expect(taken).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(logs.isBehind).toBe(false);
  });

  it("are taken from the bus while it brings one event after the other, and repeated ones once", async () => {
    await logs.reconcile();
    log.headPosition = 5;
    expect(await logs.hear([heard(1), heard(2), heard(2), heard(1)])).toBe(false);
    await logs.hear([heard(2), heard(3), heard(4), heard(5)]);
    expect(taken).toEqual(upTo(5));
    expect(log.reads).toBe(0);
  });

  it("are read where the bus has left a gap, and what comes late is dropped", async () => {
    await logs.reconcile();
    log.headPosition = 9;
    await logs.hear([heard(1), heard(5), heard(3), heard(6), heard(9)]);
    expect(taken).toEqual(upTo(9));
    expect(log.reads).toBe(1);
    log.headPosition = 10;
    await logs.hear([heard(10)]);
    expect(taken).toEqual(upTo(10));
    expect(log.reads).toBe(1);
  });

  it("are read where the bus could bring a stub only", async () => {
    await logs.reconcile();
    log.headPosition = 2;
    await logs.hear([heard(1), heard(2, { isStub: true })]);
    expect(taken).toEqual([1, 2]);
    expect(log.reads).toBe(1);
  });

  it("wait behind a gap that can't be read, and go on when it can", async () => {
    await logs.reconcile();
    log.headPosition = 4;
    log.isReachable = false;
    expect(await logs.hear([heard(1), heard(3)])).toBe(true);
    expect(logs.isBehind).toBe(true);
    expect(await logs.hear([heard(4)])).toBe(false);
    expect(taken).toEqual([1]);
    await expect(logs.reconcile()).rejects.toThrow("out of reach");
    log.isReachable = true;
    await logs.reconcile();
    expect(taken).toEqual(upTo(4));
    expect(logs.isBehind).toBe(false);
  });

  it("lose nothing when what they feed refuses: the same comes again", async () => {
    await logs.reconcile();
    log.headPosition = 2;
    isRefusing = true;
    await expect(logs.hear([heard(1), heard(2)])).rejects.toThrow("full");
    isRefusing = false;
    await logs.hear([heard(1), heard(2)]);
    expect(taken).toEqual([1, 2]);
  });

  it("begin anew when the data were wiped, and pass over what a stream still holds of the old ones", async () => {
    log.headPosition = 3;
    await logs.reconcile();
    [log.logId, log.headPosition] = ["bb", 2];
    expect(await logs.hear([heard(1)])).toBe(true);
    expect(await logs.hear([heard(2)])).toBe(false);
    await logs.reconcile();
    expect(resets).toEqual(["bb"]);
    expect(taken).toEqual([1, 2, 3, 1, 2]);
    await logs.hear([heard(4, { logId: "aa" })]);
    log.headPosition = 3;
    await logs.hear([heard(3)]);
    expect(taken).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it("begin anew when the data were wiped while nobody listened, however far the new log goes", async () => {
    log.headPosition = 3;
    await logs.reconcile();
    [log.logId, log.headPosition] = ["bb", 5];
    logs = opened(3);
    await logs.reconcile();
    expect(resets).toEqual(["bb"]);
    expect(taken.slice(3)).toEqual(upTo(5));
  });

  it("begin anew when a backup has set the log back", async () => {
    log.headPosition = 5;
    await logs.reconcile();
    log.headPosition = 2;
    await logs.reconcile();
    expect(resets).toEqual(["aa"]);
    expect(taken.slice(5)).toEqual([1, 2]);
  });

  it("pass over what is of no log, and what nobody can read", async () => {
    await logs.reconcile();
    log.headPosition = 1;
    const foreign = { ...heard(1), source: "/weft/registry/one" };
    const garbled = { ...heard(1), data: Buffer.from("{") };
    expect(await logs.hear([foreign, garbled])).toBe(false);
    expect(taken).toEqual([1]);
  });
});
