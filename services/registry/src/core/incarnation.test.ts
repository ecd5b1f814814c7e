import { describe, expect, it } from "vitest";
import type { LiveAgent } from "./agent.ts";
import { attaches, lost, play } from "./agent-story.fixture.ts";
import { refuseOlder } from "./incarnation.ts";
import type { Input } from "./input.ts";
import { sampleRegistration } from "./registration-sample.ts";

const started = (incarnation: string, startedAt: number): Input => ({
  ...attaches(1),
  kind: "agent.attaches",
  attach: 1,
  at: 0,
  registration: sampleRegistration({ incarnation, startedAt }),
});

function refuses(history: Input[], incarnation: string, startedAt?: number): boolean {
  const agent = play(history).agent as LiveAgent;
  return refuseOlder(agent, sampleRegistration({ incarnation, startedAt })) !== undefined;
}

describe("an incarnation", () => {
  it("takes the place of the one before it", () => {
    expect(refuses([attaches(1)], "second")).toBe(false);
    expect(refuses([started("first", 1_000)], "second", 1_001)).toBe(false);
  });

  it("that was replaced does not come back while its successor lives", () => {
    const replaced = [attaches(1), attaches(2, 0, "second"), attaches(3, 0, "third")];
    expect(refuses(replaced, "first")).toBe(true);
    expect(refuses(replaced, "second")).toBe(true);
    expect(refuses([...replaced, lost(3)], "second")).toBe(true);
    expect(refuses(replaced, "fourth")).toBe(false);
  });

  it("attaches again as often as it likes while nobody has replaced it", () => {
    const returns = [attaches(1), attaches(2, 0, "second"), lost(2), attaches(3, 0, "second")];
    expect(refuses(returns, "second")).toBe(false);
    expect(refuses(returns, "first")).toBe(true);
  });

  it("that started earlier is refused even if it was never seen", () => {
    expect(refuses([started("second", 2_000)], "first", 1_999)).toBe(true);
    expect(refuses([started("second", 2_000)], "third", 2_000)).toBe(false);
  });

  it("is taken when only one of the two says when it started", () => {
    expect(refuses([started("second", 2_000)], "first")).toBe(false);
    expect(refuses([attaches(1)], "second", 1_000)).toBe(false);
  });

  it("is forgotten after eight successors", () => {
    const attachments = Array.from({ length: 10 }, (_, n) => attaches(n, 0, `life-${n}`));
    expect(refuses(attachments, "life-0")).toBe(false);
    expect(refuses(attachments, "life-1")).toBe(true);
  });
});
