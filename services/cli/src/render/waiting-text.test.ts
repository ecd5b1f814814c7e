import { create } from "@bufbuild/protobuf";
import { AgentSchema, AgentState } from "@weft/proto/weft/registry/v1/registry_pb";
import { expect, it } from "vitest";
import { waitingText } from "./waiting-text.ts";

/** "ready 1/4" is an agent with one of four slots free. */
function because(...agents: readonly string[]): string {
  const offering = agents.map((agent) => {
    const [, state = "", freeSlots, slots] = /^(\w+) (\d+)\/(\d+)$/.exec(agent) ?? [];
    return create(AgentSchema, {
      state: AgentState[state.toUpperCase() as keyof typeof AgentState],
      freeSlots: Number(freeSlots),
      slots: Number(slots),
    });
  });
  return waitingText("repo.check", offering);
}

it("says why a step waits", () => {
  expect(because()).toBe("no agent offers repo.check");
  expect(because("gone 4/4")).toBe("no agent offers repo.check");
  expect(because("suspect 4/4", "draining 0/4")).toBe("waits: 2 agents with repo.check, none ready");
  expect(because("ready 0/4", "suspect 1/1")).toBe("waits: 4 slots of 1 agent taken");
  expect(because("ready 0/4", "ready 0/1")).toBe("waits: 5 slots of 2 agents taken");
  expect(because("ready 0/4", "ready 1/1")).toBe("waits for an agent");
});
