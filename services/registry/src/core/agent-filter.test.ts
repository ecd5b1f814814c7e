import { describe, expect, it } from "vitest";
import type { Agent } from "./agent.ts";
import { type AgentFilter, matches } from "./agent-filter.ts";
import { unprobed } from "./health.ts";
import { sampleRegistration } from "./registration-sample.ts";

const agent: Agent = {
  state: "READY",
  attach: 1,
  heardAt: 0,
  leaseEndsAt: 10_000,
  freeSlots: 4,
  health: unprobed(undefined),
  replaced: [],
  registration: sampleRegistration({ labels: { team: "docs", tier: "gold" } }),
};
const any: AgentFilter = { capability: undefined, states: undefined, labels: [] };

describe("an agent filter", () => {
  it.each<[string, Partial<AgentFilter>, boolean]>([
    ["that asks for nothing", {}, true],
    ["for a capability that the agent has", { capability: "code.review" }, true],
    ["for a capability that it has not", { capability: "code.write" }, false],
    ["for its state", { states: new Set(["READY", "GONE"] as const) }, true],
    ["for another state", { states: new Set(["GONE"] as const) }, false],
    ["for no state", { states: new Set<never>() }, false],
    ["for a label", { labels: [["team", "docs"]] }, true],
    [
      "for two labels of which one differs",
      {
        labels: [
          ["team", "docs"],
          ["tier", "tin"],
        ],
      },
      false,
    ],
    ["for a label that it has not", { labels: [["zone", "a"]] }, false],
    [
      "for its capability in another state",
      { capability: "code.review", states: new Set(["SUSPECT"] as const) },
      false,
    ],
  ])("%s", (_what, filter, found) => {
    expect(matches({ ...any, ...filter }, agent)).toBe(found);
  });
});
