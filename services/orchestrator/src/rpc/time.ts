import { create } from "@bufbuild/protobuf";
import {
  type Duration,
  DurationSchema,
  type Timestamp,
  timestampFromMs,
  timestampMs,
} from "@bufbuild/protobuf/wkt";

/** 0 means that it has not happened. */
export function timestampOf(ms: number): Timestamp | undefined {
  return ms === 0 ? undefined : timestampFromMs(Math.floor(ms));
}

export function msOfTimestamp(timestamp: Timestamp | undefined): number | undefined {
  return timestamp && timestampMs(timestamp);
}

export function durationOf(ms: number): Duration {
  const seconds = Math.floor(ms / 1000);
  return create(DurationSchema, {
    seconds: BigInt(seconds),
    nanos: Math.round((ms - seconds * 1000) * 1_000_000),
  });
}

export function msOfDuration(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds) * 1000 + duration.nanos / 1_000_000;
}
