import { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { Clock } from "@weft/runtime/clock";
import { type Implementation, implement } from "@weft/runtime/grpc";
import type { AlertDesk } from "../app/alert-desk.ts";
import type { ReceiverBook } from "../app/configuration.ts";
import type { Trials } from "../app/receiver-trial.ts";
import { alertCalls } from "./alert-calls.ts";
import { type EventReader, ruleCalls } from "./rule-calls.ts";
import { silenceCalls } from "./silence-calls.ts";

export type AlertServiceParts = {
  readonly desk: AlertDesk;
  readonly receivers: ReceiverBook;
  readonly trials: Trials;
  readonly events: EventReader;
  readonly clock: Clock;
};

/** AlertService over the alert manager's desk. */
export function alertService(parts: AlertServiceParts): Implementation {
  return implement(AlertService, {
    ...alertCalls(parts.desk),
    ...silenceCalls(parts.desk),
    ...ruleCalls(parts),
  });
}
