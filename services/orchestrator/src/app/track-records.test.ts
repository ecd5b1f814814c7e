import { Fleet } from "@weft/balancer";
import { beforeEach, expect, it } from "vitest";
import { listTrackRecords, type TrackRecordQuery } from "./track-records.ts";

const any: TrackRecordQuery = { agentIds: undefined, capability: undefined, after: undefined, limit: 10 };

let fleet: Fleet;

beforeEach(() => {
  fleet = new Fleet();
  const capabilities = ["work", "draw"].map((name) => ({ name, concurrencyMax: 0 }));
  for (const id of ["b", "a"]) fleet.upsert({ id, slots: 4, capabilities });
});

function keys(query: Partial<TrackRecordQuery> = {}): readonly string[] {
  const records = listTrackRecords(fleet.snapshot(), { ...any, ...query });
  return records.map(({ agentId, capability }) => `${agentId} ${capability}`);
}

it("tell who is slow, who fails, and what runs there", () => {
  for (let call = 0; call < 100; call++)
    for (const id of ["a", "b"]) {
      const latencyMs = id === "a" ? 100 : 300;
      fleet.completed(id, "work", "w:step", { latencyMs, isFailure: false });
    }
  fleet.completed("b", "draw", "w:step", { latencyMs: 10, isFailure: true });
  fleet.reserveAt("b", "work");
  const [quick, slow] = listTrackRecords(fleet.snapshot(), { ...any, capability: "work" });
  expect(slow).toMatchObject({ agentId: "b", capability: "work", errorRate: 0, inFlight: 1 });
  expect(quick).toMatchObject({ agentId: "a", inFlight: 0 });
  expect(slow!.slowdown / quick!.slowdown).toBeGreaterThan(2);
  expect(slow!.samples).toBeGreaterThan(30);
  const [draw] = listTrackRecords(fleet.snapshot(), { ...any, agentIds: new Set(["b"]) });
  expect(draw).toMatchObject({ capability: "draw", samples: 0, slowdown: 1, errorRate: 0.25 });
});

it("are listed by agent and capability, in pages", () => {
  expect(keys()).toEqual(["a draw", "a work", "b draw", "b work"]);
  expect(keys({ limit: 1 })).toEqual(["a draw"]);
  expect(keys({ after: { agentId: "a", capability: "draw" } })).toEqual(["a work", "b draw", "b work"]);
  expect(keys({ after: { agentId: "a", capability: "x" }, limit: 1 })).toEqual(["b draw"]);
  expect(keys({ agentIds: new Set(["b"]), capability: "work" })).toEqual(["b work"]);
  expect(keys({ agentIds: new Set(["c"]) })).toEqual([]);
});
