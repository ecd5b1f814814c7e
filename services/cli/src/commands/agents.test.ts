import type { ListTrackRecordsRequest } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { AgentState } from "@weft/proto/weft/registry/v1/registry_pb";
import { describe, expect, it, onTestFinished } from "vitest";
import { runScripted as weft } from "../testing/run-scripted.ts";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import { runLine } from "../testing/test-world.ts";

describe("weft agents", () => {
  it("shows what they offer and how many slots are free", async () => {
    const agent = {
      agentId: "analyst-1",
      state: AgentState.READY,
      slots: 4,
      freeSlots: 1,
      capabilities: [{ name: "repo.measure" }, { name: "repo.check" }],
      address: "127.0.0.1:4000",
      version: "1.0.0",
      leaseLeft: { seconds: 8n },
    };
    const many = { ...agent, agentId: "big", slots: 64, freeSlots: 0, state: AgentState.DRAINING };
    expect((await weft({ listAgents: () => ({ agents: [agent, many] }) }, ["agents"])).out).toEqual([
      "AGENT      STATE     FREE SLOTS  CAPABILITIES              LEASE  ADDRESS         VERSION",
      "analyst-1  ready     ■□□□ 1/4    repo.measure, repo.check  8.0 s  127.0.0.1:4000  1.0.0",
      "big        draining  0/64        repo.measure, repo.check  8.0 s  127.0.0.1:4000  1.0.0",
    ]);
    expect((await weft({ listAgents: () => ({}) }, ["agents"])).out).toEqual(["no agents"]);
  });

  it("shows what the registry's probes found, and at what they keep failing", async () => {
    const agents = [
      { agentId: "a", state: AgentState.UNHEALTHY, slots: 1, health: { problem: "it does not serve" } },
      { agentId: "b", state: AgentState.READY, slots: 1, freeSlots: 1 },
    ];
    const watched = { case: "agent", value: { agentId: "b", capability: "repo.check" } } as const;
    const script: Script = {
      listAgents: () => ({ agents }),
      listCircuitBreakers: () => ({ breakers: [{ name: "agent/b/repo.check", watched }] }),
      listTrackRecords: () => ({}),
    };
    const { out, err } = await weft(script, ["agents"]);
    expect(out[1]).toContain("it does not serve");
    expect(out[2]).toContain("keeps failing at repo.check");
    expect(err).toEqual([]);
  });

  describe("beside what the orchestrator has seen", () => {
    const agents = ["slow", "new", "usual"].map((agentId) => ({ agentId, state: AgentState.READY }));
    const requests: ListTrackRecordsRequest[] = [];
    const script: Script = {
      listAgents: () => ({ agents }),
      listCircuitBreakers: () => ({}),
      listTrackRecords(request) {
        requests.push(request);
        const slow = { agentId: "slow", capability: "draw", slowdown: 2, samples: 30, replica: "one" };
        const slower = {
          ...slow,
          capability: "work",
          slowdown: 4,
          samples: 10,
          errorRate: 0.25,
          inFlight: 3,
        };
        return request.pageToken === ""
          ? { trackRecords: [{ agentId: "new", capability: "draw", slowdown: 1 }, slow], nextPageToken: "2" }
          : { trackRecords: [slower, { ...slow, agentId: "usual", slowdown: 1.02 }] };
      },
    };

    it("shows how quick they are, over all that they do", async () => {
      requests.length = 0;
      const { out, err } = await weft(script, ["agents"]);
      expect(out.map((line) => line.trimEnd())).toEqual([
        "AGENT  STATE  FREE SLOTS  SPEED",
        "slow   ready   0/0        2.4× slower",
        "new    ready   0/0        –",
        "usual  ready   0/0        typical",
      ]);
      expect(err).toEqual([]);
      expect(requests).toMatchObject([
        { agentIds: ["slow", "new", "usual"], pageToken: "" },
        { pageToken: "2" },
      ]);
    });

    it("is in the JSON as numbers", async () => {
      const { out } = await weft(script, ["agents", "-o", "json"]);
      const document = JSON.parse(out.join("\n"));
      expect(document.agents).toMatchObject([
        {
          agentId: "slow",
          state: "AGENT_STATE_READY",
          slowdown: expect.closeTo(2 ** 1.25, 5),
          failingCapabilities: [],
          trackRecords: [
            { capability: "draw", slowdown: 2, samples: 30, errorRate: 0 },
            { capability: "work", slowdown: 4, samples: 10, errorRate: 0.25, inFlight: 3, replica: "one" },
          ],
        },
        { agentId: "new", slowdown: null },
        { agentId: "usual", slowdown: expect.closeTo(1.02, 5) },
      ]);
    });

    it("is missing when the orchestrator is not there, and that is said once", async () => {
      const { address, stop } = await serveScript({ listAgents: () => ({ agents }) });
      onTestFinished(stop);
      const run = runLine(["agents"], { env: { WEFT_REGISTRY: address, WEFT_ORCHESTRATOR: "127.0.0.1:1" } });
      expect(await run.exitCode).toBe(0);
      expect(run.out.lines()).toHaveLength(4);
      expect(run.out.lines()[0]).not.toContain("SPEED");
      expect(run.err.lines()).toEqual([
        "without speeds and breakers: the orchestrator at 127.0.0.1:1 can't be reached",
      ]);
    });
  });
});
