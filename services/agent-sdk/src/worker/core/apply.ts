import { assertNever } from "./assert-never.ts";
import { claim, close, open } from "./claims.ts";
import { abandon, cancel, dispatch, execute } from "./dispatching.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { drain, tellLoad } from "./load.ts";
import { offerSlots, wait } from "./offers.ts";
import { progressed } from "./progress.ts";
import { acknowledge, finish, remember } from "./results.ts";
import { extend, wake } from "./timing.ts";
import type { WorkerState } from "./worker-state.ts";

/**
 * The rules of an agent's slots and results. Changes `state` and says what is to be done, in order. To whom a slot is
 * on offer comes first: the result that frees it would otherwise be taken for a free slot.
 */
export function apply(state: WorkerState, input: Input, nowMs: number): readonly Effect[] {
  const effects = applied(state, input, nowMs);
  const offers = offerSlots(state, nowMs);
  return offers.length === 0 ? effects : [...offers, ...effects];
}

function applied(state: WorkerState, input: Input, nowMs: number): readonly Effect[] {
  switch (input.kind) {
    case "session.opened":
      return open(state, input);
    case "session.closed":
      return close(state, input.session);
    case "claim":
      return claim(state, input, nowMs);
    case "dispatch":
      return dispatch(state, input, nowMs);
    case "execute":
      return execute(state, input.dispatch, nowMs);
    case "execute.abandoned":
      return abandon(state, input.dispatchId);
    case "cancel":
      return cancel(state, input);
    case "extend":
      return extend(state, input, nowMs);
    case "result-ack":
      return acknowledge(state, input);
    case "wait":
      return wait(state, input, nowMs);
    case "progressed":
      return progressed(state, input, nowMs);
    case "finished":
      return finish(state, input.dispatchId, input.outcome, nowMs);
    case "remembered":
      remember(state, input.key, input.output, nowMs - input.ageMs);
      return [];
    case "woke":
      return wake(state, nowMs);
    case "load.due":
      return tellLoad(state);
    case "drain":
      return drain(state);
    default:
      return assertNever(input);
  }
}
