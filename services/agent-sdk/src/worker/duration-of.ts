import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";

/** Milliseconds, fractions included, as a protobuf Duration. */
export function durationOf(ms: number): Duration {
  const whole = Math.floor(ms / 1_000);
  return create(DurationSchema, {
    seconds: BigInt(whole),
    nanos: Math.round((ms - whole * 1_000) * 1_000_000),
  });
}
