import { describe, expect, it } from "vitest";
import type { LiveAgent } from "./agent.ts";
import { attaches, beats, play } from "./agent-story.fixture.ts";
import { isMassSilence, isSilent } from "./mass-silence.ts";

describe("an agent", () => {
  it("is silent when it was not heard for half a lease", () => {
    const agent = play([attaches(1), beats(1, 3_000)]).agent as LiveAgent;
    expect([7_999, 8_000].map((at) => isSilent(agent, at, 10_000))).toEqual([false, true]);
  });
});

describe("silence", () => {
  it.each([
    ["of more than half", 51, 100, true],
    ["of half", 50, 100, false],
    ["of all three", 3, 3, true],
    ["of both", 2, 2, false],
    ["of the only one", 1, 1, false],
  ])("%s: a mass is %s of %s (%s)", (_, silent, agents, isMass) => {
    expect(isMassSilence(silent, agents)).toBe(isMass);
  });
});
