import type { Logger } from "@weft/runtime/logger";
import type { Alert, AlertView } from "../core/alert.ts";
import type { Happened } from "../core/judge.ts";
import type { Mute } from "../core/mutes.ts";
import type { RuleSet } from "../core/rule.ts";
import type { State } from "../core/state.ts";
import { viewOf } from "../core/view.ts";

/** What operators read in the log. */
const logged: ReadonlySet<string> = new Set(["alert.fired", "alert.acknowledged", "alert.resolved"]);

/** What has changed since it was last told: for whoever watches, and for the log. Told once it is saved. */
export class Changes {
  readonly #logger: Logger;
  /** By fingerprint, the alert as it was last known; it may be there no more. */
  readonly #changed = new Map<string, Alert | undefined>();
  readonly #unlogged: Happened[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  happened(events: readonly Happened[]): void {
    for (const event of events) {
      this.#changed.set(event.fingerprint, event.before);
      if (logged.has(event.event.kind)) this.#unlogged.push(event);
    }
  }

  /** Alerts that are muted now and were not, or the other way round. */
  muted(before: ReadonlyMap<string, Mute>, now: ReadonlyMap<string, Mute>): void {
    for (const fingerprint of new Set([...before.keys(), ...now.keys()])) {
      const isSame = JSON.stringify(before.get(fingerprint)) === JSON.stringify(now.get(fingerprint));
      if (!isSame && !this.#changed.has(fingerprint)) this.#changed.set(fingerprint, undefined);
    }
  }

  /** The alerts that have changed, as they are now. One that was withdrawn is shown as resolved. */
  take(
    { alerts }: State,
    mutes: ReadonlyMap<string, Mute>,
    { flapping }: RuleSet,
    nowMs: number,
  ): readonly AlertView[] {
    for (const happened of this.#unlogged.splice(0)) this.#log(happened);
    const views: AlertView[] = [];
    for (const [fingerprint, before] of this.#changed) {
      const alert = alerts.get(fingerprint);
      if (alert) views.push(viewOf(alert, mutes.get(fingerprint), flapping, nowMs));
      else if (before)
        views.push({ ...viewOf(before, undefined, flapping, nowMs), state: "resolved", endsAtMs: nowMs });
    }
    this.#changed.clear();
    return views;
  }

  #log({ fingerprint, event, alert }: Happened): void {
    const { rule, severity, labels, summary } = alert ?? {};
    this.#logger.info({ rule, severity, fingerprint, labels, summary }, event.kind);
  }
}
