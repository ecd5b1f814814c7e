import type { Effect } from "../core/effect.ts";
import type { Binding, RecordedEvent, SendRef } from "../core/event.ts";

/** What a transition, and all that it made due at once, comes to. */
export type Settled = {
  readonly events: RecordedEvent[];
  /** Waits for the events to be durable. */
  readonly pending: Effect[];
  /** Slots that were reserved for steps which are not sent after all. */
  readonly unused: { readonly binding: Binding; readonly step: string }[];
};

/** A send whose step was cancelled in the same commit, by a sibling's failure, never goes out. */
export function withoutUnsent(settled: Settled): Settled {
  const { events, pending, unused } = settled;
  const cancelled = new Set(pending.filter((effect) => effect.kind === "cancel").map(keyOf));
  if (cancelled.size === 0) return settled;
  const sends = pending.filter((effect) => effect.kind === "send");
  const unsent = sends.filter((send) => cancelled.has(keyOf(send)));
  if (unsent.length === 0) return settled;
  const keys = new Set(unsent.map(keyOf));
  return {
    events,
    pending: pending.filter((effect) => !("send" in effect && keys.has(keyOf(effect)))),
    unused: [...unused, ...unsent.map(({ binding, step }) => ({ binding, step }))],
  };
}

function keyOf({ step, send }: SendRef): string {
  return `${step}/${send}`;
}
