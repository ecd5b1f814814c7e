import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { tellLoad } from "./load.ts";
import {
  type CapabilitySlots,
  freeSlots,
  isKeepingFull,
  type Offer,
  type Session,
  type Wait,
  type WorkerState,
} from "./worker-state.ts";

/** How long a free slot is kept for one orchestrator. */
export const offerMs = 200;
/** Offers that an orchestrator may let run out, one after the other, before it is passed over. */
export const missedOffersMax = 3;
/** For how long; then one offer shows whether it takes slots again. */
export const passedOverMs = 5_000;

/** What an orchestrator has waiting here of one capability; nothing: it declines what is on offer to it. */
export function wait(
  state: WorkerState,
  { session: id, capability: name, ageMs, steps }: Extract<Input, { kind: "wait" }>,
  nowMs: number,
): readonly Effect[] {
  const session = state.sessions.get(id);
  const capability = state.capabilities.get(name);
  if (!session || !capability) return [];
  const mine = (offer: Offer): boolean => offer.session === session && offer.capability === capability;
  if (steps > 0) {
    const left = steps - state.offers.filter(mine).length;
    session.waits.set(capability, { sinceMs: nowMs - ageMs, left });
  } else {
    session.missedOffers = 0;
    session.waits.delete(capability);
    state.loadChanged = true;
    state.offers = state.offers.filter((offer) => !mine(offer));
  }
  return [];
}

/**
 * Keeps each free slot for the orchestrator whose steps have waited longest, itself included that had the slot, and
 * tells those who would think otherwise. Costs nothing where nobody waits.
 */
export function offerSlots(state: WorkerState, nowMs: number): readonly Effect[] {
  if (state.offers.length > 0) expire(state, nowMs);
  let isNew = false;
  while (freeSlots(state) > 0 && !state.draining && !isKeepingFull(state)) {
    const next = longestWaiting(state, nowMs);
    if (!next) break;
    const { session, capability, wait } = next;
    wait.left--;
    state.offers.push({ session, capability, expiresMs: nowMs + offerMs });
    isNew = true;
  }
  for (const { expiresMs } of state.offers) state.wakeAtMs = Math.min(state.wakeAtMs, expiresMs);
  return isNew ? tellLoad(state) : [];
}

/** A dispatch has come: it takes the slot that was kept for it, or another one of its orchestrator's. */
export function takeOffer(state: WorkerState, session: Session, capability: CapabilitySlots): void {
  const mine = state.offers.filter((offer) => offer.session === session);
  const taken = mine.find((offer) => offer.capability === capability) ?? mine[0];
  if (taken) state.offers.splice(state.offers.indexOf(taken), 1);
}

function expire(state: WorkerState, nowMs: number): void {
  if (state.draining) state.offers = [];
  const expired = state.offers.filter(({ expiresMs }) => expiresMs <= nowMs);
  if (expired.length === 0) return;
  state.loadChanged = true;
  state.offers = state.offers.filter(({ expiresMs }) => expiresMs > nowMs);
  for (const session of new Set(expired.map((offer) => offer.session)))
    if (++session.missedOffers >= missedOffersMax) {
      session.waits.clear();
      session.passedOverUntilMs = nowMs + passedOverMs;
    }
}

type Waiting = { readonly session: Session; readonly capability: CapabilitySlots; readonly wait: Wait };

function longestWaiting(state: WorkerState, nowMs: number): Waiting | undefined {
  let longest: Waiting | undefined;
  for (const session of state.sessions.values()) {
    if (isPassedOver(state, session, nowMs)) continue;
    for (const [capability, wait] of session.waits) {
      if (wait.left <= 0 || (longest && longest.wait.sinceMs <= wait.sinceMs)) continue;
      if (hasRoom(state, capability)) longest = { session, capability, wait };
    }
  }
  return longest;
}

/** It keeps saying that it waits and takes nothing: saying so again must not keep a slot from the others. */
function isPassedOver({ offers }: WorkerState, session: Session, nowMs: number): boolean {
  if (session.missedOffers < missedOffersMax) return false;
  return nowMs < session.passedOverUntilMs || offers.some((offer) => offer.session === session);
}

function hasRoom({ offers }: WorkerState, capability: CapabilitySlots): boolean {
  const offered = offers.filter((offer) => offer.capability === capability).length;
  return capability.busy + offered < capability.concurrencyMax;
}
