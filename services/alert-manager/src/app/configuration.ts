import { checkReceivers, type Receivers } from "../core/check-receivers.ts";
import type { Problem } from "../core/problem.ts";
import type { ReceiverConfig } from "../core/receiver-config.ts";
import type { Receiver } from "./ports.ts";
import { readRules } from "./rule-text.ts";
import { parseYaml } from "./yaml-text.ts";

export type ReadConfiguration =
  | ({ readonly ok: true } & Receivers)
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a whole document: receivers, and the rules that name them. All problems at once, each with its field and line. */
export function readConfiguration(text: string, shippedRules: string): ReadConfiguration {
  const parsed = parseYaml(text);
  if (!parsed.ok) return parsed;
  const problems: Problem[] = [];
  const read = checkReceivers(parsed.tree, problems);
  // A receiver with a mistake is not missing.
  const names = problems.length > 0 ? undefined : new Set(read.receivers.map(({ name }) => name));
  const rules = readRules(text, shippedRules, names);
  const all = [...problems.map(parsed.located), ...(rules.ok ? [] : rules.problems)];
  return all.length > 0 ? { ok: false, problems: all } : { ok: true, ...read };
}

/** The receivers in force. The map stays the same when they change. */
export class ReceiverBook {
  readonly #open: (config: ReceiverConfig) => Receiver;
  readonly #receivers = new Map<string, Receiver>();
  #configs: readonly ReceiverConfig[] = [];

  constructor(open: (config: ReceiverConfig) => Receiver) {
    this.#open = open;
  }

  get receivers(): ReadonlyMap<string, Receiver> {
    return this.#receivers;
  }

  get configs(): readonly ReceiverConfig[] {
    return this.#configs;
  }

  replace(configs: readonly ReceiverConfig[]): void {
    this.#configs = configs;
    this.#receivers.clear();
    for (const config of configs) this.#receivers.set(config.name, this.#open(config));
  }
}
