import type { Logger } from "@weft/runtime/logger";
import type { AlertView, Subject } from "../core/alert.ts";
import type { SilenceRequest } from "../core/check-silence.ts";
import type { Delivery } from "../core/delivery.ts";
import type { Moment } from "../core/finding.ts";
import type { Observation } from "../core/observation.ts";
import { type Problem, quoted } from "../core/problem.ts";
import { holdingNow, type Rehearsal, rehearse } from "../core/rehearse.ts";
import { isRejection, type Rejection, rejection } from "../core/rejection.ts";
import type { Silence } from "../core/silence.ts";
import type { State } from "../core/state.ts";
import { viewOf } from "../core/view.ts";
import {
  type AlertQuery,
  type Derived,
  listAlerts,
  listDeliveries,
  listRules,
  listSilences,
  type RuleList,
} from "./alert-reads.ts";
import type { AlertWatch } from "./alert-watch.ts";
import type { Changes } from "./changes.ts";
import type { Mailbox } from "./mailbox.ts";
import { acknowledge, createSilence, expireSilence } from "./requests.ts";
import type { RuleBook } from "./rule-book.ts";
import type { SteadyTime } from "./steady-time.ts";
import type { Watchers } from "./watchers.ts";

const requestsMax = 1_000;
/** A rehearsal lets so much time pass after the last fact. */
const rehearsedAfterMs = 3_600_000;
const rehearsedMax = 10_000;

/** What the engine lends its desk. */
export type Lent = {
  readonly state: State;
  readonly book: RuleBook;
  readonly time: SteadyTime;
  readonly logger: Logger;
  readonly changes: Changes;
  readonly mailbox: Mailbox;
  readonly watchers: Watchers;
  readonly derived: () => Derived;
  readonly moment: () => Moment;
  /** Judges all rules, within a change. */
  readonly look: () => void;
};

/**
 * What people ask of the alert manager. Reads answer at once, from memory; what changes something answers once that is
 * saved.
 */
export class AlertDesk {
  readonly #of: Lent;

  constructor(lent: Lent) {
    this.#of = lent;
  }

  list(query: AlertQuery): readonly AlertView[] {
    return listAlerts(this.#of.state, this.#of.book.rules, this.#of.derived(), query, this.#of.time.now());
  }

  /** By its fingerprint, or the id of this time that it fires. */
  get(name: string): AlertView | Rejection {
    const states = ["pending", "firing", "acknowledged", "resolved"] as const;
    const all = this.list({ states, limit: Number.POSITIVE_INFINITY });
    const found = all.find(({ fingerprint, id }) => fingerprint === name || id === name);
    return found ?? rejection("ALERT_NOT_FOUND", `there is no alert ${quoted(name)}`);
  }

  listRules(): RuleList {
    return listRules(this.#of.state, this.#of.book, this.#of.derived());
  }

  listNotifications(query: {
    readonly status?: Delivery["status"];
    readonly limit: number;
  }): readonly Delivery[] {
    return listDeliveries(this.#of.state, query);
  }

  listSilences(query: { readonly expired: boolean }): readonly Silence[] {
    return listSilences(this.#of.state, { ...query, nowMs: this.#of.time.now() });
  }

  /** First all alerts that are not resolved, then each that changes. */
  watch(): AlertWatch | Rejection {
    return this.#of.watchers.add(this.list({ limit: Number.POSITIVE_INFINITY }));
  }

  /** Takes an alert on: by its fingerprint, or its id. Its escalation stops. */
  acknowledge(name: string, by: string, comment: string): Promise<AlertView | Rejection> {
    return this.#request(() => {
      const acknowledged = acknowledge(this.#of.state, { name, by, comment }, this.#of.time.now());
      if (isRejection(acknowledged)) return acknowledged;
      this.#of.changes.happened(acknowledged.happened);
      this.#of.look();
      const { alert } = acknowledged;
      const mute = this.#of.derived().mutes.get(alert.fingerprint);
      return viewOf(alert, mute, this.#of.book.rules.flapping, this.#of.time.now());
    });
  }

  createSilence(request: SilenceRequest): Promise<Silence | Rejection> {
    return this.#request(() => {
      const silence = createSilence(this.#of.state, request, this.#of.time.now());
      if (!isRejection(silence)) this.#of.look();
      return silence;
    });
  }

  /** Ends a silence now. */
  expireSilence(id: string): Promise<Silence | Rejection> {
    return this.#request(() => {
      const silence = expireSilence(this.#of.state, id, this.#of.time.now());
      if (!isRejection(silence)) this.#of.look();
      return silence;
    });
  }

  /** Puts other rules in force. Bad ones change nothing. */
  reloadRules(text: string): Promise<"same" | "changed" | Rejection> {
    return this.#request(() => {
      const outcome = this.#of.book.reload(text, this.#of.time.now());
      if (isRejection(outcome)) this.#tellRefused(outcome);
      else if (outcome === "changed") {
        this.#of.logger.info({ rules: this.#of.book.rules.rules.length }, "rules reloaded");
        this.#of.look();
      }
      return outcome;
    });
  }

  /** Notes that a text which was to be put in force has these mistakes. */
  refuseRules(problems: readonly Problem[]): Rejection {
    const refused = this.#of.book.refuse(problems, this.#of.time.now());
    this.#tellRefused(refused);
    return refused;
  }

  #tellRefused({ message, problems }: Rejection): void {
    this.#of.logger.error({ problems }, `${message}; those before stay in force`);
  }

  /** What the rules of a text would have done with these facts. Changes nothing. */
  testRules(text: string, observations: readonly Observation[]): Rehearsal | Rejection {
    if (observations.length > rehearsedMax)
      return rejection("REQUEST_INVALID", `at most ${rehearsedMax} observations can be tried`);
    const rules = this.#of.book.draft(text);
    return isRejection(rules) ? rules : rehearse(rules, observations, rehearsedAfterMs);
  }

  /** What the conditions of a text's rules hold for now. Changes nothing. */
  testRulesNow(text: string): readonly Subject[] | Rejection {
    const rules = this.#of.book.draft(text);
    if (isRejection(rules)) return rules;
    return holdingNow(this.#of.state.memory, rules, this.#of.moment());
  }

  async #request<Answer>(run: () => Answer | Rejection): Promise<Answer | Rejection> {
    if (this.#of.mailbox.size >= requestsMax)
      return rejection("BUSY", "too many changes wait to be saved: ask again");
    return this.#of.mailbox.post(run);
  }
}
