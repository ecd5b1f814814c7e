import { isDraining, type LiveAgent } from "./agent.ts";
import { assertNever } from "./assert-never.ts";
import type { AttachEnd, Event } from "./event.ts";
import { probed, unprobed } from "./health.ts";
import { replacedBy } from "./incarnation.ts";
import type { Input } from "./input.ts";
import { loopLagMsMax } from "./limits.ts";
import type { Rules } from "./rules.ts";

type InputOf<K extends Input["kind"]> = Extract<Input, { readonly kind: K }>;

/**
 * The rules of an agent's record. What comes from any attach but the latest changes nothing: the end of an
 * old stream must not make the newer one SUSPECT.
 */
export function decide(agent: LiveAgent | undefined, input: Input, rules: Rules): readonly Event[] {
  switch (input.kind) {
    case "agent.attaches":
      return attach(agent, input, rules);
    case "agent.beats":
      return isCurrent(agent, input.attach) ? beat(agent, input, rules) : [];
    case "agent.probed":
      return agent?.registration.incarnation === input.incarnation ? probe(agent, input, rules) : [];
    case "agent.drains":
      return agent && !isDraining(agent) ? [{ kind: "agent.draining", asked: true }] : [];
    case "agent.leaves":
      return agent?.registration.incarnation === input.incarnation ? leave(agent) : [];
    case "stream.ended":
      return isCurrent(agent, input.attach) ? [{ kind: "agent.gone", cause: "left" }] : [];
    case "stream.lost":
      return isCurrent(agent, input.attach) ? [{ kind: "agent.suspected", cause: "stream_lost" }] : [];
    case "lease.ended":
      return agent && agent.leaseEndsAt <= input.at ? endLease(agent, input, rules) : [];
    default:
      return assertNever(input);
  }
}

function attach(
  agent: LiveAgent | undefined,
  { attach, registration, at }: InputOf<"agent.attaches">,
  rules: Rules,
): readonly Event[] {
  const lease = { heardAt: at, leaseEndsAt: at + rules.leaseMs };
  const attached = { kind: "agent.attached", attach, registration, ...lease } as const;
  const unknown = { health: unprobed(rules.probes), replaced: [] };
  if (!agent) return [{ ...attached, ...unknown }];
  const superseded = endAttach(agent, "superseded");
  if (agent.registration.incarnation === registration.incarnation)
    return [...superseded, { ...attached, health: agent.health, replaced: agent.replaced }];
  const gone = { kind: "agent.gone", cause: "replaced" } as const;
  return [...superseded, gone, { ...attached, ...unknown, replaced: replacedBy(agent) }];
}

function beat(agent: LiveAgent, input: InputOf<"agent.beats">, { leaseMs }: Rules): readonly Event[] {
  const lease = { heardAt: input.at, leaseEndsAt: input.at + leaseMs };
  const events: Event[] = [{ kind: "agent.lease_renewed", ...lease }];
  if (agent.state === "SUSPECT") events.push({ kind: "agent.heard" });
  // The agent is the authority on its slots; a count out of range is brought into it, not worth its stream.
  const freeSlots = Math.min(Math.max(0, input.freeSlots), agent.registration.slots);
  if (freeSlots !== agent.freeSlots) events.push({ kind: "agent.free_slots_changed", freeSlots });
  const loopLagMs = input.loopLagMs && Math.min(Math.max(0, input.loopLagMs), loopLagMsMax);
  if (loopLagMs !== agent.loopLagMs) events.push({ kind: "agent.loop_lag_changed", loopLagMs });
  if (input.draining && !isDraining(agent)) events.push({ kind: "agent.draining", asked: false });
  return events;
}

function probe(agent: LiveAgent, input: InputOf<"agent.probed">, { probes }: Rules): readonly Event[] {
  if (!probes) return [];
  const health = probed(agent.health, input.probe, probes);
  if (health.verdict === agent.health.verdict) return [{ kind: "agent.probed", health }];
  return [{ kind: health.verdict === "HEALTHY" ? "agent.healthy" : "agent.unhealthy", health }];
}

function leave(agent: LiveAgent): readonly Event[] {
  return [...endAttach(agent, "deregistered"), { kind: "agent.gone", cause: "left" }];
}

/** When most agents fall silent at once, it is the network or the registry, and agents are kept for a while. */
function endLease(
  agent: LiveAgent,
  { at, massSilence }: InputOf<"lease.ended">,
  rules: Rules,
): readonly Event[] {
  if (!massSilence || at - agent.heardAt >= rules.preserveMs)
    return [...endAttach(agent, "lease_ended"), { kind: "agent.gone", cause: "lease_ended" }];
  const extended: Event = { kind: "agent.lease_extended", leaseEndsAt: at + rules.leaseMs };
  return agent.state === "SUSPECT" ? [extended] : [{ kind: "agent.suspected", cause: "silent" }, extended];
}

function endAttach(agent: LiveAgent, cause: AttachEnd): readonly Event[] {
  return agent.attach === undefined ? [] : [{ kind: "attach.ended", attach: agent.attach, cause }];
}

function isCurrent(agent: LiveAgent | undefined, attach: number): agent is LiveAgent {
  return agent?.attach === attach;
}
