import type { Clock } from "@weft/runtime/clock";
import type { Logger } from "@weft/runtime/logger";
import type { Receivers } from "../core/check-receivers.ts";
import { defaultMemoryLimits } from "../core/limits.ts";
import type { Problem } from "../core/problem.ts";
import type { AlertmanagerConfig, ReceiverConfig } from "../core/receiver-config.ts";
import { isRejection } from "../core/rejection.ts";
import { AlertEngine } from "./alert-engine.ts";
import type { AlertMetrics } from "./alert-metrics.ts";
import { AlertmanagerMirror, type Mirrored } from "./alertmanager-mirror.ts";
import { ReceiverBook, readConfiguration } from "./configuration.ts";
import { defaultDeliveryLimits } from "./deliveries.ts";
import type { Receiver, SendOutcome } from "./ports.ts";
import { receiverTrials, type Trials } from "./receiver-trial.ts";
import type { AlertStore } from "./store.ts";

export type AlertManagerPorts = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: AlertMetrics;
  readonly judgeEveryMs: number;
  readonly shippedRules: string;
  readonly rules: string;
  /** For errors. */
  readonly rulesName: string;
  readonly openStore: () => Promise<AlertStore>;
  readonly openReceiver: (config: ReceiverConfig) => Receiver;
  readonly openAlertmanagers: (config: AlertmanagerConfig | undefined) => Mirrored;
  readonly onPosted: (member: string, outcome: SendOutcome["kind"]) => void;
};

/** A mistake of the operator: the message says all there is to say. */
export class RulesUnusable extends Error {
  override readonly name = "ConfigError";
}

/**
 * The engine with whom it tells: receivers, and Alertmanagers that mirror it. It owns the document of rules and
 * receivers, which is put in force as a whole or not at all.
 */
export class AlertManager {
  readonly engine: AlertEngine;
  readonly receivers: ReceiverBook;
  readonly trials: Trials;
  readonly #ports: AlertManagerPorts;
  readonly #store: AlertStore;
  readonly #mirror: AlertmanagerMirror;

  private constructor(
    ports: AlertManagerPorts,
    engine: AlertEngine,
    receivers: ReceiverBook,
    store: AlertStore,
  ) {
    const { clock, logger, onPosted } = ports;
    this.#ports = ports;
    this.engine = engine;
    this.receivers = receivers;
    this.#store = store;
    this.trials = receiverTrials(receivers.receivers, clock);
    const states = ["firing", "acknowledged", "resolved"] as const;
    const current = () => engine.desk.list({ states, limit: Number.POSITIVE_INFINITY });
    this.#mirror = new AlertmanagerMirror({ clock, logger, current, onPosted });
  }

  /** Loads what is kept. Throws an error that names every mistake in the rules, and where it is. */
  static async open(ports: AlertManagerPorts): Promise<AlertManager> {
    const { shippedRules, rules, rulesName } = ports;
    const read = readConfiguration(rules, shippedRules);
    if (!read.ok)
      throw new RulesUnusable(read.problems.map((problem) => located(rulesName, problem)).join("\n"));
    const receivers = new ReceiverBook(ports.openReceiver);
    receivers.replace(read.receivers);
    const store = await ports.openStore();
    try {
      const engine = await AlertEngine.open({
        ...ports,
        store,
        receivers: receivers.receivers,
        deliveryLimits: defaultDeliveryLimits,
        memoryLimits: defaultMemoryLimits,
      });
      if (isRejection(engine)) throw new Error(engine.message);
      const manager = new AlertManager(ports, engine, receivers, store);
      manager.#mirror.configure(ports.openAlertmanagers(read.alertmanager));
      return manager;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /** Begins to judge and to tell. */
  start(): void {
    this.engine.start();
    void this.#showChanges();
  }

  /** Puts another document in force. Bad ones change nothing; they are logged, and ListRules shows them. */
  async reload(text: string): Promise<void> {
    const { desk } = this.engine;
    const read = readConfiguration(text, this.#ports.shippedRules);
    if (!read.ok) return void desk.refuseRules(read.problems);
    this.#apply(read);
    await desk.reloadRules(text);
  }

  /** The document that it was opened with. */
  get rules(): string {
    return this.#ports.rules;
  }

  ruleFigures(): { readonly rules: number; readonly isRefused: boolean } {
    const { rules, refused } = this.engine.desk.listRules();
    return { rules: rules.length, isRefused: refused !== undefined };
  }

  /** Runs once if the state can't be saved any more. */
  onLost(run: (reason: string) => void): void {
    this.#store.onLost(run);
  }

  async stop(): Promise<void> {
    this.#mirror.stop();
    await this.engine.stop();
    await this.#store.close();
  }

  #apply({ receivers, alertmanager }: Receivers): void {
    this.receivers.replace(receivers);
    this.#mirror.configure(this.#ports.openAlertmanagers(alertmanager));
  }

  async #showChanges(): Promise<void> {
    const watch = this.engine.desk.watch();
    if (isRejection(watch)) throw new Error(watch.message);
    for await (const alerts of watch) this.#mirror.changed(alerts);
  }
}

function located(name: string, { field, message, line }: Problem): string {
  const place = line === undefined ? name : `${name}, line ${line}`;
  return `${place}: ${field === "" ? message : `${field} ${message}`}`;
}
