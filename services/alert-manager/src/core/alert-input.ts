import type { Alert, Subject } from "./alert.ts";
import type { Flapping } from "./rule.ts";

/** What an alert is told of its rule and its condition. `atMs` is UTC milliseconds. */
export type AlertInput =
  | { readonly kind: "condition.holds"; readonly subject: Subject; readonly atMs: number }
  | { readonly kind: "condition.calm"; readonly atMs: number }
  /** Its rule is gone, or switched off. */
  | { readonly kind: "rule.gone"; readonly atMs: number }
  | { readonly kind: "acknowledge"; readonly by: string; readonly comment: string; readonly atMs: number };

/** How patient a rule is. */
export type Patience = {
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly flapping: Flapping;
};

export type AlertEvent =
  | { readonly kind: "alert.pending"; readonly subject: Subject; readonly atMs: number }
  | { readonly kind: "alert.fired"; readonly atMs: number }
  /** It tells something else about itself. */
  | { readonly kind: "alert.changed"; readonly subject: Subject; readonly atMs: number }
  /** The condition has ceased, and the alert is kept firing. */
  | { readonly kind: "alert.calmed"; readonly atMs: number }
  /** The condition holds again, before the alert was resolved. */
  | { readonly kind: "alert.stirred" }
  | {
      readonly kind: "alert.acknowledged";
      readonly by: string;
      readonly comment: string;
      readonly atMs: number;
    }
  | { readonly kind: "alert.resolved"; readonly atMs: number }
  /** The condition ceased before it fired: nobody was told, and nothing is kept. */
  | { readonly kind: "alert.withdrawn" };

/** Whether it has fired so often of late that it is held. */
export function isFlapping(
  { fires }: Pick<Alert, "fires">,
  { fires: limit, withinMs }: Flapping,
  atMs: number,
) {
  return fires.filter((firedAtMs) => firedAtMs > atMs - withinMs).length >= limit;
}
