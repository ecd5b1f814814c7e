import type { Logger } from "@weft/runtime/logger";
import type { Receiver } from "../app/ports.ts";
import { groupText, statusText } from "./notification-text.ts";

const shownMax = 5;

/** One structured line for each notification: info when all is well again, else a warning or an error. */
export function logReceiver(logger: Logger): Receiver {
  return {
    async send(notification) {
      const { id, status, severity, receiver, stage, groupLabels, alerts, alertsLeftOut } = notification;
      const shown = alerts.slice(0, shownMax);
      const fields = {
        notification: id,
        status,
        severity,
        receiver,
        stage,
        groupLabels,
        alerts: shown.map(({ rule, state, summary, annotations }) => ({ rule, state, summary, annotations })),
        alertsLeftOut: alertsLeftOut + alerts.length - shown.length,
      };
      const message = `${statusText(notification)}: ${groupText(notification)}`;
      if (status !== "firing" || severity === "info") logger.info(fields, message);
      else if (severity === "warning") logger.warn(fields, message);
      else logger.error(fields, message);
      return { kind: "delivered" };
    },
  };
}
