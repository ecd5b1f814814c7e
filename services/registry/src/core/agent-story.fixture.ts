import type { Agent, AgentState } from "./agent.ts";
import { decide } from "./decide.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { Input } from "./input.ts";
import { sampleRegistration } from "./registration-sample.ts";
import type { Rules } from "./rules.ts";

/** Nobody probes. */
export const plainRules: Rules = { leaseMs: 10_000, preserveMs: 60_000, probes: undefined };
export const probingRules: Rules = {
  ...plainRules,
  probes: { failuresMax: 3, successesMin: 2 },
};

/** given a history · when something happens · then these events follow, and the agent is in this state. */
export type Story = [
  sentence: string,
  given: Input[],
  when: Input,
  then: object[],
  state: AgentState | undefined,
];

/** Transitions that were taken, as "FROM → TO". */
export type Moves = Set<string>;

/** Plays inputs from nothing; the events are those of the last one. */
export function play(
  inputs: readonly Input[],
  rules: Rules = plainRules,
  moves: Moves = new Set(),
): { agent: Agent | undefined; events: readonly Event[] } {
  let agent: Agent | undefined;
  let events: readonly Event[] = [];
  for (const input of inputs) {
    events = decide(agent?.state === "GONE" ? undefined : agent, input, rules);
    for (const event of events) {
      const before: AgentState | "UNKNOWN" = agent?.state ?? "UNKNOWN";
      agent = evolve(agent, event);
      if (before !== agent.state || /attached|suspected/.test(event.kind))
        moves.add(`${before} → ${agent.state}`);
    }
  }
  return { agent, events };
}

export const attaches = (attach: number, at = 0, incarnation = "first"): Input => ({
  kind: "agent.attaches",
  attach,
  at,
  registration: sampleRegistration({ incarnation }),
});
export const beats = (attach: number, at: number, freeSlots = 4, draining = false): Input => ({
  kind: "agent.beats",
  attach,
  at,
  freeSlots,
  draining,
});
export const answers = (at = 0, incarnation = "first"): Input => ({
  kind: "agent.probed",
  incarnation,
  probe: { at, problem: undefined },
});
export const fails = (at = 0, incarnation = "first"): Input => ({
  kind: "agent.probed",
  incarnation,
  probe: { at, problem: "it does not answer" },
});
export const drains = (): Input => ({ kind: "agent.drains" });
export const leaves = (incarnation = "first"): Input => ({ kind: "agent.leaves", incarnation });
export const ended = (attach: number): Input => ({ kind: "stream.ended", attach });
export const lost = (attach: number): Input => ({ kind: "stream.lost", attach });
export const leaseEnded = (at: number): Input => ({ kind: "lease.ended", at, massSilence: false });
/** The lease of one among many silent ones. */
export const leaseEndedAsMost = (at: number): Input => ({ kind: "lease.ended", at, massSilence: true });
