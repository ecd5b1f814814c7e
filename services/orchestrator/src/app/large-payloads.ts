import type { Logger } from "@weft/runtime/logger";
import type { RecordedEvent } from "../core/event.ts";
import type { Execution } from "../core/execution.ts";
import { logFieldsOf } from "./log-fields.ts";

/** Tells operators of payloads that should be passed by reference, before one of them meets the limit. */
export function warnOfLargePayloads(
  logger: Logger,
  execution: Execution,
  events: readonly RecordedEvent[],
  payloadBytesWarn: number,
): void {
  for (const { event } of events) {
    // Characters are at most as many as bytes: good enough for a warning, and free.
    const length = "payload" in event && event.payload ? event.payload.text.length : 0;
    if (length < payloadBytesWarn) continue;
    const about = logFieldsOf(execution, "step" in event ? event.step : undefined);
    logger.warn({ ...about, event: event.kind, length }, "a large payload was recorded");
  }
}
