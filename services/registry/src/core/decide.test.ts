import { describe, expect, it } from "vitest";
import { type Agent, type AgentState, transitions } from "./agent.ts";
import { decide } from "./decide.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { Input } from "./input.ts";
import { sampleRegistration } from "./registration-sample.ts";

const leaseMs = 10_000;

type Moves = Set<string>;

/** Plays inputs from nothing; the events are those of the last one. */
function play(
  inputs: readonly Input[],
  moves: Moves = new Set(),
): { agent: Agent | undefined; events: readonly Event[] } {
  let agent: Agent | undefined;
  let events: readonly Event[] = [];
  for (const input of inputs) {
    events = decide(agent?.state === "GONE" ? undefined : agent, input, leaseMs);
    for (const event of events) {
      const before: AgentState | "UNKNOWN" = agent?.state ?? "UNKNOWN";
      agent = evolve(agent, event);
      if (/attached|draining|suspected|gone/.test(event.kind)) moves.add(`${before} → ${agent.state}`);
    }
  }
  return { agent, events };
}

const attaches = (attach: number, at = 0, incarnation = "first"): Input => ({
  kind: "agent.attaches",
  attach,
  at,
  registration: sampleRegistration({ incarnation }),
});
const beats = (attach: number, at: number, freeSlots = 4, draining = false): Input => ({
  kind: "agent.beats",
  attach,
  at,
  freeSlots,
  draining,
});
const ended = (attach: number): Input => ({ kind: "stream.ended", attach });
const lost = (attach: number): Input => ({ kind: "stream.lost", attach });
const leaseEnded = (at: number): Input => ({ kind: "lease.ended", at });

/** given a history · when something happens · then these events follow, and the agent is in this state. */
type Story = [sentence: string, given: Input[], when: Input, then: object[], state: AgentState | undefined];

const stories: Story[] = [
  [
    "an agent that attaches is ready, for one lease",
    [],
    attaches(1, 500),
    [{ kind: "agent.attached", attach: 1, leaseEndsAt: 10_500 }],
    "READY",
  ],
  [
    "a heartbeat renews the lease",
    [attaches(1)],
    beats(1, 3_000),
    [{ kind: "agent.lease_renewed", leaseEndsAt: 13_000 }],
    "READY",
  ],
  [
    "a heartbeat tells a change of free slots",
    [attaches(1)],
    beats(1, 10, 3),
    [{ kind: "agent.lease_renewed" }, { kind: "agent.free_slots_changed", freeSlots: 3 }],
    "READY",
  ],
  [
    "more free slots than slots are all slots",
    [attaches(1), beats(1, 10, 0)],
    beats(1, 20, 99),
    [{ kind: "agent.lease_renewed" }, { kind: "agent.free_slots_changed", freeSlots: 4 }],
    "READY",
  ],
  [
    "fewer free slots than none are none",
    [attaches(1)],
    beats(1, 20, -1),
    [{ kind: "agent.lease_renewed" }, { kind: "agent.free_slots_changed", freeSlots: 0 }],
    "READY",
  ],
  [
    "an agent that says so drains",
    [attaches(1)],
    beats(1, 10, 4, true),
    [{ kind: "agent.lease_renewed" }, { kind: "agent.draining" }],
    "DRAINING",
  ],
  [
    "draining is not taken back",
    [attaches(1), beats(1, 10, 4, true)],
    beats(1, 20, 4, false),
    [{ kind: "agent.lease_renewed" }],
    "DRAINING",
  ],
  [
    "a lost stream makes the agent suspect at once",
    [attaches(1)],
    lost(1),
    [{ kind: "agent.suspected" }],
    "SUSPECT",
  ],
  [
    "a suspect agent is gone when its lease ends",
    [attaches(1), beats(1, 1_000), lost(1)],
    leaseEnded(11_000),
    [{ kind: "agent.gone", cause: "lease_ended" }],
    "GONE",
  ],
  [
    "a lease does not end before its time",
    [attaches(1), beats(1, 1_000), lost(1)],
    leaseEnded(10_999),
    [],
    "SUSPECT",
  ],
  [
    "an agent that is silent for a lease is gone, and its stream is ended",
    [attaches(1)],
    leaseEnded(10_000),
    [
      { kind: "attach.ended", attach: 1, cause: "lease_ended" },
      { kind: "agent.gone", cause: "lease_ended" },
    ],
    "GONE",
  ],
  [
    "a suspect agent that attaches again in time is ready again",
    [attaches(1), lost(1)],
    attaches(2, 9_000),
    [{ kind: "agent.attached", attach: 2, leaseEndsAt: 19_000 }],
    "READY",
  ],
  [
    "one that drained when its stream was lost drains again",
    [attaches(1), beats(1, 10, 4, true), lost(1)],
    attaches(2, 20),
    [{ kind: "agent.attached" }],
    "DRAINING",
  ],
  [
    "an agent that ends its stream well is gone at once",
    [attaches(1), beats(1, 10, 4, true)],
    ended(1),
    [{ kind: "agent.gone", cause: "left" }],
    "GONE",
  ],
  ["so is one that did not drain", [attaches(1)], ended(1), [{ kind: "agent.gone", cause: "left" }], "GONE"],
  [
    "a newer attach takes over from the older stream, which is ended",
    [attaches(1)],
    attaches(2, 100),
    [
      { kind: "attach.ended", attach: 1, cause: "superseded" },
      { kind: "agent.attached", attach: 2 },
    ],
    "READY",
  ],
  ["the end of the older stream changes nothing", [attaches(1), attaches(2)], lost(1), [], "READY"],
  ["nor does its good end", [attaches(1), attaches(2)], ended(1), [], "READY"],
  ["nor does a heartbeat on it", [attaches(1), attaches(2)], beats(1, 10, 0), [], "READY"],
  [
    "another incarnation replaces the agent, which is gone first",
    [attaches(1), beats(1, 10, 4, true)],
    attaches(2, 20, "second"),
    [
      { kind: "attach.ended", attach: 1, cause: "superseded" },
      { kind: "agent.gone", cause: "replaced" },
      { kind: "agent.attached", attach: 2 },
    ],
    "READY",
  ],
  [
    "a suspect agent is replaced too, and has no stream to end",
    [attaches(1), lost(1)],
    attaches(2, 20, "second"),
    [{ kind: "agent.gone", cause: "replaced" }, { kind: "agent.attached" }],
    "READY",
  ],
  ["a stream is lost only once", [attaches(1), lost(1)], lost(1), [], "SUSPECT"],
  ["what an agent says after it is gone changes nothing", [attaches(1), ended(1)], beats(1, 10), [], "GONE"],
  [
    "the end of the lease of an agent that left changes nothing",
    [attaches(1), ended(1)],
    leaseEnded(99_999),
    [],
    "GONE",
  ],
  [
    "an agent that is gone may attach again",
    [attaches(1), ended(1)],
    attaches(2),
    [{ kind: "agent.attached" }],
    "READY",
  ],
];

describe("an agent's record", () => {
  it.each(stories)("%s", (_, given, when, then, state) => {
    const { agent, events } = play([...given, when]);
    expect(events).toMatchObject(then);
    expect(events).toHaveLength(then.length);
    expect(agent?.state).toBe(state);
  });

  it("takes every legal transition in these stories, and no other", () => {
    const moves: Moves = new Set();
    const more: Input[][] = [
      [attaches(1), beats(1, 1, 4, true), attaches(2)],
      [attaches(1), attaches(2)],
      [attaches(1), beats(1, 1, 4, true), leaseEnded(20_000)],
    ];
    for (const inputs of [...stories.map(([, given, when]) => [...given, when]), ...more])
      play(inputs, moves);
    const legal = Object.entries(transitions).flatMap(([from, to]) =>
      to.map((state) => `${from} → ${state}`),
    );
    expect([...moves].sort()).toEqual(legal.sort());
  });

  it("refuses events that no decision makes", () => {
    const suspect = play([attaches(1), lost(1)]).agent;
    expect(() => evolve(suspect, { kind: "agent.draining" })).toThrow("DRAINING from SUSPECT");
    expect(() => evolve(undefined, { kind: "agent.suspected" })).toThrow("UNKNOWN");
  });
});
