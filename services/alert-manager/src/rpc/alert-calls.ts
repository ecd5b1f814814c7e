import type { AlertService } from "@weft/proto/weft/alerts/v1/alerts_pb";
import type { Handlers } from "@weft/runtime/grpc";
import type { AlertDesk } from "../app/alert-desk.ts";
import { toldOf, untold } from "../app/alert-reads.ts";
import { accepted } from "./accepted.ts";
import { fromAlert, fromDelivery } from "./alert-messages.ts";
import { naming, toAlertQuery } from "./alert-requests.ts";
import { writePageToken } from "./page-token.ts";
import { watchAlerts } from "./watch-alerts.ts";

type AlertCalls = Pick<
  Handlers<typeof AlertService>,
  "listAlerts" | "watchAlerts" | "getAlert" | "acknowledgeAlert"
>;

/** What is asked of alerts. */
export function alertCalls(desk: AlertDesk): AlertCalls {
  return {
    listAlerts(request) {
      const query = accepted(toAlertQuery(request));
      const found = desk.list({ ...query, limit: query.limit + 1 });
      const alerts = found.slice(0, query.limit);
      const last = found.length > query.limit ? alerts.at(-1) : undefined;
      const deliveries = desk.listNotifications({ limit: Number.POSITIVE_INFINITY });
      return {
        alerts: alerts.map(fromAlert),
        nextPageToken: last ? writePageToken("alerts", [last.startsAtMs, last.fingerprint]) : "",
        failedNotifications: untold(deliveries, alerts).map(fromDelivery),
      };
    },
    watchAlerts: (request, stream) => watchAlerts(desk, request, stream),
    getAlert(request) {
      const { alert: name } = accepted(naming(request, "alert", request.alert));
      const alert = accepted(desk.get(name));
      const deliveries = desk.listNotifications({ limit: Number.POSITIVE_INFINITY });
      return { alert: fromAlert(alert), notifications: toldOf(deliveries, alert).map(fromDelivery) };
    },
    async acknowledgeAlert(request, { principal }) {
      const { alert, by, comment } = accepted(naming(request, "alert", request.alert));
      return { alert: fromAlert(accepted(await desk.acknowledge(alert, by || principal.name, comment))) };
    },
  };
}
