import type { Problem } from "../core/problem.ts";
import { type Rejection, rejection } from "../core/rejection.ts";
import type { RuleSet } from "../core/rule.ts";
import { readRules } from "./rule-text.ts";

/** A text of rules that was refused: the rules before it are in force. */
export type RefusedRules = { readonly atMs: number; readonly problems: readonly Problem[] };

/** The receivers there are, by name; asked whenever a text is read. */
type Named = { keys(): Iterable<string> };

/** The rules in force, and what became of the last text of them. */
export class RuleBook {
  readonly #shipped: string;
  readonly #receivers: Named;
  #rules: RuleSet;
  #text: string;
  #loadedAtMs: number;
  #refused: RefusedRules | undefined;

  private constructor(shipped: string, receivers: Named, text: string, rules: RuleSet, atMs: number) {
    this.#shipped = shipped;
    this.#receivers = receivers;
    this.#text = text;
    this.#rules = rules;
    this.#loadedAtMs = atMs;
  }

  /** The rules that a process starts with: it does not start with bad ones. */
  static open(shipped: string, receivers: Named, text: string, atMs: number): RuleBook | Rejection {
    const read = readRules(text, shipped, new Set(receivers.keys()));
    return read.ok ? new RuleBook(shipped, receivers, text, read.rules, atMs) : invalid(read.problems);
  }

  get rules(): RuleSet {
    return this.#rules;
  }

  get loadedAtMs(): number {
    return this.#loadedAtMs;
  }

  /** Undefined: the last text was good. */
  get refused(): RefusedRules | undefined {
    return this.#refused;
  }

  /** Puts other rules in force. Bad ones change nothing, and are shown until good ones come. */
  reload(text: string, atMs: number): "same" | "changed" | Rejection {
    const read =
      text === this.#text ? undefined : readRules(text, this.#shipped, new Set(this.#receivers.keys()));
    if (read && !read.ok) return this.refuse(read.problems, atMs);
    this.#refused = undefined;
    if (!read) return "same";
    this.#text = text;
    this.#rules = read.rules;
    this.#loadedAtMs = atMs;
    return "changed";
  }

  /** Notes that a text was bad. */
  refuse(problems: readonly Problem[], atMs: number): Rejection {
    this.#refused = { atMs, problems };
    return invalid(problems);
  }

  /** Rules that are tried and not put in force: those of the text alone. */
  draft(text: string): RuleSet | Rejection {
    const read = readRules(text, this.#shipped);
    if (!read.ok) return invalid(read.problems);
    const rules = read.rules.rules.filter(({ name }) => read.own.has(name));
    return { ...read.rules, rules };
  }
}

function invalid(problems: readonly Problem[]): Rejection {
  const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
  return rejection("RULES_INVALID", `the rules have ${count}`, problems);
}
