import { describe, expect, it } from "vitest";
import { transitions } from "./agent.ts";
import {
  attaches,
  beats,
  drains,
  ended,
  fails,
  leaseEnded,
  leaseEndedAsMost,
  leaves,
  lost,
  type Moves,
  plainRules,
  play,
  probingRules,
  type Story,
} from "./agent-story.fixture.ts";
import { evolve } from "./evolve.ts";
import type { Input } from "./input.ts";
import { probeStories } from "./probe-stories.fixture.ts";
import { silenceStories } from "./silence-stories.fixture.ts";

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
    [{ kind: "agent.lease_renewed" }, { kind: "agent.draining", asked: false }],
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
    "an agent that an operator drains drains, and is to be told",
    [attaches(1)],
    drains(),
    [{ kind: "agent.draining", asked: true }],
    "DRAINING",
  ],
  ["it drains only once", [attaches(1), drains()], drains(), [], "DRAINING"],
  [
    "one that is suspect drains when it is back",
    [attaches(1), lost(1), drains()],
    attaches(2),
    [{ kind: "agent.attached" }],
    "DRAINING",
  ],
  [
    "another incarnation does not drain for it",
    [attaches(1), drains(), lost(1)],
    attaches(2, 0, "second"),
    [{ kind: "agent.gone" }, { kind: "agent.attached" }],
    "READY",
  ],
  ["an agent that is gone can't drain", [attaches(1), ended(1)], drains(), [], "GONE"],
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
    "one that deregisters is gone at once, and its stream is ended",
    [attaches(1)],
    leaves(),
    [
      { kind: "attach.ended", attach: 1, cause: "deregistered" },
      { kind: "agent.gone", cause: "left" },
    ],
    "GONE",
  ],
  [
    "a suspect agent may deregister too",
    [attaches(1), lost(1)],
    leaves(),
    [{ kind: "agent.gone", cause: "left" }],
    "GONE",
  ],
  ["another incarnation can't deregister it", [attaches(1)], leaves("second"), [], "READY"],
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

const rulesOf = (story: Story) => (probeStories.includes(story) ? probingRules : plainRules);

describe("an agent's record", () => {
  it.each([...stories, ...silenceStories, ...probeStories].map((story) => [story[0], story] as const))(
    "%s",
    (_, story) => {
      const [, given, when, then, state] = story;
      const { agent, events } = play([...given, when], rulesOf(story));
      expect(events).toMatchObject(then);
      expect(events).toHaveLength(then.length);
      expect(agent?.state).toBe(state);
    },
  );

  it("takes every legal transition in these stories, and no other", () => {
    const moves: Moves = new Set();
    const unhealthy = [attaches(1), fails(), fails(), fails()];
    const drains = beats(1, 1, 4, true);
    const more: Input[][] = [
      [attaches(1), drains, attaches(2)],
      [attaches(1), drains, leaseEnded(20_000)],
      [attaches(1), drains],
      [attaches(1), attaches(2)],
      [attaches(1), lost(1), attaches(2)],
      [...unhealthy, leaseEndedAsMost(10_000), beats(1, 11_000)],
      [attaches(1), ended(1)],
      [...unhealthy, attaches(2)],
      [...unhealthy, ended(1)],
    ];
    for (const story of [...stories, ...silenceStories, ...probeStories])
      play([...story[1], story[2]], rulesOf(story), moves);
    for (const inputs of more) play(inputs, probingRules, moves);
    const legal = Object.entries(transitions).flatMap(([from, to]) =>
      to.map((state) => `${from} → ${state}`),
    );
    expect([...moves].sort()).toEqual(legal.sort());
  });

  it("keeps how late the agent's event loop was, as it said last, until another incarnation comes", () => {
    const late = (loopLagMs?: number): Input => ({ ...beats(1, 1), loopLagMs }) as Input;
    const lagAfter = (...inputs: Input[]) => play([attaches(1), ...inputs]).agent?.loopLagMs;
    expect(lagAfter()).toBeUndefined();
    expect([lagAfter(late(80)), lagAfter(late(80), late(0)), lagAfter(late(80), late())]).toEqual([
      80,
      0,
      undefined,
    ]);
    expect([lagAfter(late(-1)), lagAfter(late(1e12))]).toEqual([0, 3_600_000]);
    expect(lagAfter(late(80), lost(1), attaches(2))).toBe(80);
    expect(lagAfter(late(80), leaseEndedAsMost(20_000), beats(1, 20_001))).toBeUndefined();
    expect(lagAfter(late(80), attaches(2, 5, "second"))).toBeUndefined();
  });

  it("tells nothing of a lag that is as it was", () => {
    const late = { ...beats(1, 1), loopLagMs: 80 } as Input;
    expect(play([attaches(1), late, late]).events).toMatchObject([{ kind: "agent.lease_renewed" }]);
  });

  it("knows nothing of probes where nobody probes", () => {
    expect(play([attaches(1), fails(), fails(), fails()]).events).toEqual([]);
  });

  it("refuses events that no decision makes", () => {
    const suspect = play([attaches(1), lost(1)]).agent;
    expect(() => evolve(suspect, { kind: "agent.heard" })).toThrow("without an attach");
    expect(() => evolve(undefined, { kind: "agent.heard" })).toThrow("UNKNOWN");
  });
});
