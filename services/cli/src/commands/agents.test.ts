import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ListTrackRecordsRequest } from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import { AgentState } from "@weft/proto/weft/registry/v1/registry_pb";
import { describe, expect, it, onTestFinished } from "vitest";
import { runScripted as weft } from "../testing/run-scripted.ts";
import { type Script, serveScript } from "../testing/scripted-services.ts";
import { storyStartMs } from "../testing/story.ts";
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

  it("shows whose event loop is held up for long", async () => {
    const agent = { state: AgentState.READY, slots: 1, freeSlots: 1 };
    const agents = [
      { ...agent, agentId: "late", eventLoopLag: { seconds: 1n, nanos: 200_000_000 } },
      { ...agent, agentId: "usual", eventLoopLag: { nanos: 249_000_000 } },
    ];
    const { out } = await weft({ listAgents: () => ({ agents }) }, ["agents"]);
    expect(out[1]).toContain("its event loop was held up for 1.2 s");
    expect(out[2]).not.toContain("event loop");
  });
});

describe("weft agents AGENT", () => {
  const agent = {
    agentId: "analyst-1",
    name: "analyst",
    version: "1.0.0",
    state: AgentState.READY,
    slots: 4,
    freeSlots: 1,
    capabilities: [
      { name: "repo.measure", version: "1.0.0", maxConcurrency: 2 },
      { name: "repo.check", version: "1.0.0" },
    ],
    address: "127.0.0.1:4000",
    incarnation: "c0ffee",
    region: "eu",
    zone: "a",
    labels: { team: "docs" },
    leaseLeft: { seconds: 8n },
    startedAt: timestampFromMs(storyStartMs),
    health: { sinceLastProbe: { seconds: 2n } },
    eventLoopLag: { nanos: 12_000_000 },
  };
  const record = { agentId: "analyst-1", capability: "repo.measure", slowdown: 1.44, samples: 20 };
  const watched = { case: "agent", value: { agentId: "analyst-1", capability: "repo.check" } } as const;
  const script: Script = {
    getAgent: () => ({ agent }),
    listTrackRecords: () => ({ trackRecords: [{ ...record, errorRate: 0.125, inFlight: 1 }] }),
    listCircuitBreakers: () => ({ breakers: [{ name: "agent/analyst-1/repo.check", watched }] }),
  };

  it("shows all that is known of one", async () => {
    const { out, err } = await weft(script, ["agents", "analyst-1"]);
    expect(out.map((line) => line.trimEnd())).toEqual([
      "analyst-1  ready",
      "  is          analyst 1.0.0",
      "  address     127.0.0.1:4000",
      "  incarnation c0ffee",
      "  place       eu / a",
      "  labels      team=docs",
      "  started     1 m ago",
      "  slots       ■□□□ 1/4 free",
      "  lease       8.0 s left",
      "  health      serves, asked 2 s ago",
      "  event loop  held up for 12 ms at most of late",
      "  speed       1.4× slower",
      "",
      "CAPABILITY    VERSION  AT ONCE  RUNNING  SPEED        FAILS  BREAKER",
      "repo.measure  1.0.0          2        1  1.4× slower   13 %",
      "repo.check    1.0.0        all                               not closed",
    ]);
    expect(err).toEqual([]);
  });

  it("shows what the registry knows when the orchestrator is not there", async () => {
    const health = { sinceLastProbe: { seconds: 1n }, problem: "it does not answer", failuresInRow: 3 };
    const getAgent = () => ({ agent: { agentId: "a", state: AgentState.UNHEALTHY, health, slots: 1 } });
    const { out, err } = await weft({ getAgent }, ["agents", "a"]);
    expect(out.slice(0, 3)).toEqual([
      "a  unhealthy",
      "  slots       □ 0/1 free",
      "  health      it does not answer, asked 1 s ago; failed probes in a row: 3",
    ]);
    expect(err).toHaveLength(1);
  });

  it("is in the JSON with the lag of its event loop", async () => {
    const { out } = await weft(script, ["agents", "analyst-1", "-o", "json"]);
    expect(JSON.parse(out.join("\n")).agent).toMatchObject({
      eventLoopLag: "0.012s",
      slowdown: expect.closeTo(1.44, 5),
      failingCapabilities: ["repo.check"],
    });
  });

  it("takes no options of the list", async () => {
    const { exitCode, err } = await weft(script, ["agents", "analyst-1", "--state", "ready"]);
    expect([exitCode, err[0]]).toEqual([2, "error: an id names one agent: options are for the list"]);
  });
});
