import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Alert, AlertFilterSchema } from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { Clock } from "@weft/runtime/clock";
import { Code, RpcError } from "@weft/runtime/grpc";
import type { AlertManager } from "../connection.ts";
import { type ConnectionChange, reconnecting } from "./reconnects.ts";

export type FollowedAlert = { readonly kind: "alert"; readonly alert: Alert } | ConnectionChange;

type Ports = { readonly alerts: AlertManager; readonly clock: Clock; readonly signal: AbortSignal };

/**
 * Alerts as they are found and as they change, across broken connections: after one, those that are not as they were
 * last seen. (One that was resolved meanwhile is not told: the list of resolved ones has it.) Ends with the signal.
 */
export async function* followAlerts(
  filter: MessageInitShape<typeof AlertFilterSchema>,
  { alerts, clock, signal }: Ports,
): AsyncGenerator<FollowedAlert> {
  /** The state of each alert as it was last seen. */
  let seen = new Map<string, Alert>();
  const { failure } = alerts;
  yield* reconnecting(
    { clock, signal, failure },
    async function* (reconnects): AsyncGenerator<FollowedAlert> {
      let unseen: Map<string, Alert> | undefined = new Map();
      for await (const response of alerts.client.watchAlerts({ filter }, { signal })) {
        if (reconnects.isAway) {
          reconnects.succeeded();
          yield { kind: "resumed" };
        }
        for (const alert of response.alerts) {
          const isNews = !response.snapshot || isOther(seen.get(alert.fingerprint), alert);
          unseen?.set(alert.fingerprint, alert);
          seen.set(alert.fingerprint, alert);
          if (isNews) yield { kind: "alert", alert };
        }
        // What the snapshot does not have is there no more.
        if (unseen && !response.more) seen = unseen;
        if (!response.more) unseen = undefined;
      }
      throw new RpcError(Code.UNAVAILABLE, "the stream ended");
    },
  );
}

function isOther(before: Alert | undefined, now: Alert): boolean {
  return before?.alertId !== now.alertId || before.state !== now.state || before.summary !== now.summary;
}
