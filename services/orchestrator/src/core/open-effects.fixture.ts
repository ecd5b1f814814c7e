import assert from "node:assert/strict";
import type { Effect } from "./effect.ts";
import { effects } from "./effects.ts";
import type { Event } from "./event.ts";
import { isTerminal } from "./event.ts";
import type { Execution } from "./execution.ts";

/**
 * What `evolve` has yielded and nothing has settled since, by what it is for. An effect is settled
 * 1. by the next event that moves its step: whatever the step asked for before is void then. That is every
 *    event of a step but `step.queued`, `step.attempt_failed` and `step.succeeded_late`;
 * 2. by a pause, when it is a due or a timer. A send outlives it: `extend` says which deadline it has;
 * 3. by the event that ends the execution;
 * 4. by the same effect for the same step, yielded again.
 * A cancel and the word that the execution has ended are settled at once: nobody waits for what they lead to.
 */
export type OpenEffects = Map<string, Effect>;

type Lasting = Extract<Effect, { readonly kind: "due" | "send" | "timer" }>;

const kindsOfStep = ["due", "send", "step.queue_timed_out", "step.timed_out"];
const movesNothing: ReadonlySet<string> = new Set([
  "step.queued",
  "step.attempt_failed",
  "step.succeeded_late",
]);

/** What an event settles, before what it yields is added. */
export function settle(open: OpenEffects, event: Event): void {
  if (isTerminal(event.kind)) return open.clear();
  if (event.kind === "execution.paused")
    for (const [key, { kind }] of open) if (kind !== "send") open.delete(key);
  if ("step" in event && !movesNothing.has(event.kind))
    for (const kind of kindsOfStep) open.delete(`${kind} ${event.step}`);
}

/** Adds what an event yields; the keys of what is new are noted in `fresh`. */
export function addYielded(open: OpenEffects, yielded: readonly Effect[], fresh: Set<string>): void {
  for (const effect of yielded) {
    if (effect.kind === "extend") extend(open, effect);
    if (!isLasting(effect)) continue;
    open.set(keyOf(effect), effect);
    fresh.add(keyOf(effect));
  }
}

function extend(open: OpenEffects, { step, attempt, send, deadlineMs }: Effect & { kind: "extend" }): void {
  const sent = open.get(`send ${step}`);
  assert(sent?.kind === "send" && sent.attempt === attempt && sent.send === send, `${step} is not out`);
  open.set(`send ${step}`, { ...sent, deadlineMs });
}

/** A transition yields what its events did, but for what a later one of them settled. */
export function checkYielded(
  open: OpenEffects,
  fresh: ReadonlySet<string>,
  yielded: readonly Effect[],
): void {
  const lasting = yielded.filter(isLasting);
  const expected = [...fresh].flatMap((key) => open.get(key) ?? []);
  assert.deepEqual(textsOf(lasting), textsOf(expected), "what the transition yields");
}

/** Recovery asks for exactly what is open. */
export function checkOpen(open: OpenEffects, execution: Execution): void {
  assert.deepEqual(textsOf(open.values()), textsOf(effects(execution)), "open effects and the state's own");
}

function isLasting(effect: Effect): effect is Lasting {
  return effect.kind === "due" || effect.kind === "send" || effect.kind === "timer";
}

function keyOf(effect: Lasting): string {
  if (effect.kind !== "timer") return `${effect.kind} ${effect.step}`;
  return "step" in effect.fact ? `${effect.fact.kind} ${effect.fact.step}` : effect.fact.kind;
}

function textsOf(effects: Iterable<Effect>): readonly string[] {
  return Array.from(effects, (effect) => JSON.stringify(effect)).sort();
}
