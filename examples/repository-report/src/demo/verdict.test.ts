import { expect, it } from "vitest";
import { broken, type Evidence, type Fact, factsOf, story } from "./verdict.ts";

function numbered(facts: readonly Omit<Fact, "sequence">[]): readonly Fact[] {
  return facts.map((fact, index) => ({ ...fact, sequence: index + 1 }));
}

const good = [
  { kind: "executionStarted" },
  { kind: "stepStarted", stepId: "measure", agentId: "a-1" },
  { kind: "stepInterrupted", stepId: "measure", agentId: "a-1" },
  { kind: "stepStarted", stepId: "measure", agentId: "a-2" },
  { kind: "stepSucceeded", stepId: "measure" },
  { kind: "executionSucceeded" },
];

const held: Evidence = {
  executionId: "e",
  steps: ["measure"],
  facts: numbered(good),
  deliveries: [
    { key: "e/measure", agent: "a-1", isApplied: true },
    { key: "e/measure", agent: "a-2", isApplied: false },
  ],
  notifications: ["e/notify"],
  hasReport: true,
};

it("finds nothing when an interrupted step succeeded once and its effect happened once", () => {
  expect(broken(held)).toEqual([]);
  expect(story(held)).toEqual([
    "measure  runs on a-1, interrupted: a-1 was lost, runs on a-2, succeeded; effect delivered 2 times, applied once",
  ]);
});

it.each<[string, Partial<Evidence>, string]>([
  [
    "a second success",
    { facts: numbered([...good.slice(0, 5), ...good.slice(4)]) },
    "measure has 2 successes in the log",
  ],
  ["a gap", { facts: numbered(good).map((fact) => ({ ...fact, sequence: 2 })) }, "the log has a gap"],
  [
    "a log without a loss",
    { facts: numbered(good.filter(({ kind }) => kind !== "stepInterrupted")) },
    "no step was interrupted or failed over",
  ],
  [
    "something after the end",
    { facts: numbered([...good, { kind: "stepStarted", stepId: "measure" }]) },
    "the log goes on after the end",
  ],
  [
    "another key for the second attempt",
    { deliveries: [...held.deliveries, { key: "e/measure/2", agent: "a-2", isApplied: true }] },
    "the sink saw 2 keys of 1 steps",
  ],
  [
    "an effect that never happened",
    { deliveries: [{ key: "e/other", agent: "a-1", isApplied: true }] },
    "the effect of measure happened 0 times",
  ],
  ["a second notification", { notifications: ["e/notify", "e/notify"] }, "it was notified 2 times"],
  ["no report", { hasReport: false }, "there is no report"],
])("names %s", (_, change, problem) => {
  expect(broken({ ...held, ...change })).toEqual([problem]);
});

it("reads what weft events prints", () => {
  const lines = [
    '{"executionId":"e","sequence":"1","time":"2026-01-01T00:00:00Z","executionStarted":{"workflow":"w"}}',
    '{"executionId":"e","sequence":"2","stepStarted":{"stepId":"s","attempt":1,"agentId":"a"}}',
  ];
  expect(factsOf(`${lines.join("\n")}\n`)).toEqual([
    { sequence: 1, kind: "executionStarted" },
    { sequence: 2, kind: "stepStarted", stepId: "s", agentId: "a" },
  ]);
});
