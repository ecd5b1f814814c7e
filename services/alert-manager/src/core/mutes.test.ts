import { describe, expect, it } from "vitest";
import type { Alert, Labels } from "./alert.ts";
import { mutesOf } from "./mutes.ts";
import type { Inhibition } from "./rule.ts";

function alert(rule: string, labels: Labels, state: "firing" | "pending" = "firing"): Alert {
  const fingerprint = `${rule} ${Object.values(labels).join(" ")}`;
  const said = { annotations: {}, summary: "", severity: "info", group: "g" } as const;
  const common = { fingerprint, rule, labels, ...said, startsAtMs: 0, saidAtMs: 0, fires: [] };
  return state === "firing" ? { ...common, state, firedAtMs: 0 } : { ...common, state };
}

const lostMutesBreaker: Inhibition = {
  source: { rule: ["lost"] },
  target: { rule: ["breaker"] },
  equal: ["agent"],
};

function inhibited(
  alerts: readonly Alert[],
  ...inhibitions: readonly Inhibition[]
): readonly (string | undefined)[][] {
  return [...mutesOf(alerts, inhibitions, [], 0)].map(([muted, { inhibitedBy }]) => [muted, inhibitedBy]);
}

describe("an inhibition", () => {
  it("mutes what shares its labels, and nothing else", () => {
    const alerts = [
      alert("lost", { agent: "a" }),
      alert("breaker", { agent: "a" }),
      alert("breaker", { agent: "b" }),
      alert("breaker", {}),
    ];
    expect(inhibited(alerts, lostMutesBreaker)).toEqual([["breaker a", "lost a"]]);
  });

  it("needs a source that fires, and mutes only what does", () => {
    const pending = [alert("lost", { agent: "a" }, "pending"), alert("breaker", { agent: "a" })];
    expect(inhibited(pending, lostMutesBreaker)).toEqual([]);
    const both = [alert("lost", { agent: "a" }), alert("breaker", { agent: "a" }, "pending")];
    expect(inhibited(both, lostMutesBreaker)).toEqual([]);
  });

  it("never mutes what could be its own source: two such alerts would mute each other", () => {
    const any: Inhibition = { source: { rule: ["*"] }, target: { rule: ["*"] }, equal: [] };
    expect(inhibited([alert("lost", {}), alert("breaker", {})], any)).toEqual([]);
  });
});

describe("a silence", () => {
  const silence = {
    id: "s",
    matchers: { agent: ["a*"] },
    startsAtMs: 10,
    untilMs: 20,
    by: "ada",
    comment: "",
  };

  it.each([
    [9, 0],
    [10, 1],
    [19, 1],
    [20, 0],
  ])("at %i mutes %i", (atMs, count) => {
    expect(mutesOf([alert("lost", { agent: "a1" })], [], [silence], atMs).size).toBe(count);
  });
});
