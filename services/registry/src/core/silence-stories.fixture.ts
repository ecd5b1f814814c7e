import {
  attaches,
  beats,
  ended,
  leaseEnded,
  leaseEndedAsMost,
  lost,
  type Story,
} from "./agent-story.fixture.ts";

/** When an agent is silent as most others are. */
export const silenceStories: Story[] = [
  [
    "an agent that falls silent with most others is kept as suspect, on the stream that it has",
    [attaches(1)],
    leaseEndedAsMost(10_000),
    [
      { kind: "agent.suspected", cause: "silent" },
      { kind: "agent.lease_extended", leaseEndsAt: 20_000 },
    ],
    "SUSPECT",
  ],
  [
    "one whose stream was lost is kept as it is",
    [attaches(1), lost(1)],
    leaseEndedAsMost(10_000),
    [{ kind: "agent.lease_extended", leaseEndsAt: 20_000 }],
    "SUSPECT",
  ],
  [
    "it is kept once more while most are silent",
    [attaches(1), leaseEndedAsMost(10_000)],
    leaseEndedAsMost(20_000),
    [{ kind: "agent.lease_extended", leaseEndsAt: 30_000 }],
    "SUSPECT",
  ],
  [
    "but not for ever",
    [attaches(1), leaseEndedAsMost(10_000), leaseEndedAsMost(59_999)],
    leaseEndedAsMost(69_999),
    [{ kind: "attach.ended" }, { kind: "agent.gone", cause: "lease_ended" }],
    "GONE",
  ],
  [
    "it is gone at its next end when most others are back",
    [attaches(1), lost(1), leaseEndedAsMost(10_000)],
    leaseEnded(20_000),
    [{ kind: "agent.gone", cause: "lease_ended" }],
    "GONE",
  ],
  [
    "a heartbeat on its stream makes it ready again",
    [attaches(1), leaseEndedAsMost(10_000)],
    beats(1, 12_000),
    [{ kind: "agent.lease_renewed", heardAt: 12_000, leaseEndsAt: 22_000 }, { kind: "agent.heard" }],
    "READY",
  ],
  [
    "or draining, if it drained",
    [attaches(1), beats(1, 1, 4, true), leaseEndedAsMost(10_001)],
    beats(1, 12_000),
    [{ kind: "agent.lease_renewed" }, { kind: "agent.heard" }],
    "DRAINING",
  ],
  [
    "a heartbeat that says that it drains is heard as that",
    [attaches(1), leaseEndedAsMost(10_000)],
    beats(1, 12_000, 4, true),
    [{ kind: "agent.lease_renewed" }, { kind: "agent.heard" }, { kind: "agent.draining" }],
    "DRAINING",
  ],
  [
    "it may leave",
    [attaches(1), leaseEndedAsMost(10_000)],
    ended(1),
    [{ kind: "agent.gone", cause: "left" }],
    "GONE",
  ],
  [
    "when its stream is lost too, only a new attach helps",
    [attaches(1), leaseEndedAsMost(10_000), lost(1)],
    beats(1, 12_000),
    [],
    "SUSPECT",
  ],
  [
    "a new attach ends the stream that it had",
    [attaches(1), leaseEndedAsMost(10_000)],
    attaches(2, 11_000),
    [{ kind: "attach.ended", attach: 1 }, { kind: "agent.attached" }],
    "READY",
  ],
];
