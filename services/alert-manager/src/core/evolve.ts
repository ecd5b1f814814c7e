import { type Alert, type AlertState, isLive, type LiveAlert, transitions } from "./alert.ts";
import type { AlertEvent } from "./alert-input.ts";
import { assertNever } from "./assert-never.ts";
import { changesMax } from "./limits.ts";

/** The alert after an event; undefined: there is none any more. */
export function evolve(alert: Alert | undefined, event: AlertEvent): Alert | undefined {
  switch (event.kind) {
    case "alert.pending": {
      const { subject, atMs } = event;
      const fires = alert?.fires ?? [];
      return moved(alert, { ...subject, state: "pending", startsAtMs: atMs, saidAtMs: atMs, fires });
    }
    case "alert.fired":
      return moved(alert, fire(there(alert, event), event.atMs));
    case "alert.changed": {
      // The group is that of the episode: who was told of the alert must hear of its end.
      const known = there(alert, event);
      return { ...known, ...event.subject, group: known.group, saidAtMs: event.atMs };
    }
    case "alert.calmed":
      return { ...live(alert, event), calmSinceMs: event.atMs };
    case "alert.stirred": {
      const { calmSinceMs: _, ...stirred } = live(alert, event);
      return stirred;
    }
    case "alert.acknowledged": {
      const { by, comment, atMs } = event;
      const acknowledgement = { by, comment, atMs };
      return moved(alert, { ...live(alert, event), state: "acknowledged", acknowledgement });
    }
    case "alert.resolved":
      return moved(alert, resolve(live(alert, event), event.atMs));
    case "alert.withdrawn":
      return moved(alert, undefined);
    default:
      return assertNever(event);
  }
}

function fire(alert: Alert, atMs: number): Alert {
  const fires = [...alert.fires, atMs].slice(-changesMax);
  return { ...alert, state: "firing", firedAtMs: atMs, fires };
}

function resolve(alert: LiveAlert, endsAtMs: number): Alert {
  const { calmSinceMs: _, ...rest } = alert;
  return { ...rest, state: "resolved", endsAtMs };
}

function there(alert: Alert | undefined, { kind }: AlertEvent): Alert {
  if (alert) return alert;
  throw new Error(`${kind} happened to an alert that is not there`);
}

function live(alert: Alert | undefined, { kind }: AlertEvent): LiveAlert {
  if (isLive(alert)) return alert;
  throw new Error(`${kind} happened to an alert that is ${alert?.state ?? "none"}`);
}

function moved(from: Alert | undefined, to: Alert | undefined): Alert | undefined {
  const [before, after]: readonly (AlertState | "none")[] = [from?.state ?? "none", to?.state ?? "none"];
  if (before && after && transitions[before].includes(after)) return to;
  throw new Error(`an alert can't become ${after} from ${before}`);
}
