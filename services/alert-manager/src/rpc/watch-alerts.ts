import type { MessageInitShape } from "@bufbuild/protobuf";
import type { WatchAlertsRequest, WatchAlertsResponseSchema } from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { ServerStream } from "@weft/runtime/grpc";
import type { AlertDesk } from "../app/alert-desk.ts";
import { type AlertFilterQuery, isAskedFor } from "../app/alert-reads.ts";
import type { AlertView } from "../core/alert.ts";
import { rejection } from "../core/rejection.ts";
import { accepted } from "./accepted.ts";
import { fromAlert } from "./alert-messages.ts";
import { toFilter } from "./alert-requests.ts";
import { toRpcError } from "./rejection-codes.ts";

type Stream = ServerStream<MessageInitShape<typeof WatchAlertsResponseSchema>>;

const alertsPerMessageMax = 500;

/** Tells one reader of alerts, as fast as it takes them: the watch keeps the latest of each meanwhile. */
export async function watchAlerts(
  desk: AlertDesk,
  request: WatchAlertsRequest,
  stream: Stream,
): Promise<void> {
  const filter = accepted(toFilter(request.filter));
  const watch = accepted(desk.watch());
  const flow = flowOf(stream);
  stream.onClose(() => watch.end());
  const shown = new Set<string>();
  let snapshot = true;
  for await (const alerts of watch) {
    const wanted = alerts.filter((alert) => isForReader(alert, filter, shown));
    if (snapshot || wanted.length > 0) await write(wanted, snapshot, flow);
    snapshot = false;
  }
  stream.fail(toRpcError(rejection("STOPPING", "the alert manager is stopping; watch again")));
}

/** One that stops matching is told once more, as it then is. */
function isForReader(alert: AlertView, filter: AlertFilterQuery, shown: Set<string>): boolean {
  const wasShown = shown.has(alert.fingerprint);
  const matches = isAskedFor(alert, filter);
  if (matches) shown.add(alert.fingerprint);
  else shown.delete(alert.fingerprint);
  return matches || wasShown;
}

type Flow = { readonly write: Stream["write"]; readonly room: () => Promise<void> };

async function write(
  alerts: readonly AlertView[],
  snapshot: boolean,
  { write: put, room }: Flow,
): Promise<void> {
  for (let from = 0; from === 0 || from < alerts.length; from += alertsPerMessageMax) {
    const some = alerts.slice(from, from + alertsPerMessageMax);
    const more = snapshot && from + alertsPerMessageMax < alerts.length;
    if (!put({ snapshot, more, alerts: some.map(fromAlert) })) await room();
  }
}

/** Room comes when the reader has caught up, or has gone. */
function flowOf(stream: Stream): Flow {
  let waiting: (() => void) | undefined;
  let isOver = false;
  const go = (): void => {
    waiting?.();
    waiting = undefined;
  };
  stream.onDrain(go);
  stream.onClose(() => {
    isOver = true;
    go();
  });
  return {
    write: (message) => stream.write(message),
    room: () => (isOver ? Promise.resolve() : new Promise((resolve) => (waiting = resolve))),
  };
}
