import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "@weft/proto/weft/workflow/v1/event_pb";
import type { Execution } from "@weft/proto/weft/workflow/v1/execution_pb";
import { freePort } from "./free-port.ts";
import { type Link, openLink } from "./link.ts";
import { startProcess, type TestProcess } from "./process.ts";
import { until } from "./until.ts";
import type { WeftDev } from "./weft-dev.ts";

const gated = `
workflow: gated
version: 1
steps:
  - { id: wait, capability: test.gate, with: { gate: "\${input}" } }
`;

/** An agent in a process of its own. All that goes to it or comes from it passes these links. */
export type LinkedAgent = {
  readonly id: string;
  readonly process: TestProcess;
  readonly links: readonly Link[];
  close(): Promise<void>;
};

/** Starts an agent that notes its runs in `folder`, and resolves when the registry knows it. */
export async function startLinkedAgent(
  dev: WeftDev,
  folder: string,
  id: string,
  slots = 16,
): Promise<LinkedAgent> {
  const own = await freePort();
  const toAgent = await openLink(own);
  const toRegistry = await openLink(Number(dev.file.registry.split(":").at(-1)));
  const links = [toAgent, toRegistry];
  const process = startProcess("test/mesh/agents/recorder.ts", [folder, id, String(slots)], {
    cwd: folder,
    env: {
      WEFT_AGENT_ADDRESS: `127.0.0.1:${own}`,
      WEFT_AGENT_ADVERTISE: `127.0.0.1:${toAgent.port}`,
      WEFT_REGISTRY: `127.0.0.1:${toRegistry.port}`,
      WEFT_TOKEN: dev.file.token,
    },
  });
  await until(
    () => `${id} to attach; it said: ${process.output()}`,
    async () => (await dev.registry.listAgents({})).agents.some(({ agentId }) => agentId === id),
  );
  return {
    id,
    process,
    links,
    async close() {
      await process.end();
      for (const link of links) link.close();
    },
  };
}

/** An execution whose only step runs until it is let go. */
export type HeldStep = {
  readonly executionId: string;
  /** The orchestrator has noticed that nothing comes from the step's agent. */
  isAgentUnreachable(): Promise<boolean>;
  /** How often its handler has run at the agent. */
  hasRunAt(agentId: string): boolean;
  letGo(): void;
  end(): Promise<Execution>;
  events(): Promise<readonly Event["event"]["case"][]>;
};

let gates = 0;

/** Starts it, and resolves when the handler runs at one of the agents. */
export async function holdStep(dev: WeftDev, folder: string, agentIds: readonly string[]): Promise<HeldStep> {
  const gate = `gate-${++gates}`;
  await dev.orchestrator.registerWorkflow({ source: { source: { case: "document", value: gated } } });
  const { executionId } = await dev.orchestrator.startExecution({
    workflow: { case: "reference", value: { name: "gated" } },
    input: { content: { case: "data", value: Buffer.from(JSON.stringify(gate)) } },
  });
  const hasRunAt = (agentId: string): boolean => existsSync(join(folder, `runs-${agentId}-${executionId}`));
  await until("the step to run", () => agentIds.some(hasRunAt));
  return {
    executionId,
    hasRunAt,
    async isAgentUnreachable() {
      const { steps } = await dev.orchestrator.explainExecution({ executionId });
      const waiting = steps[0]?.waitingFor;
      return waiting?.case === "answer" && waiting.value.agentUnreachable;
    },
    letGo: () => writeFileSync(join(folder, gate), ""),
    end: () =>
      until(`the end of ${executionId}`, async () => {
        const { execution } = await dev.orchestrator.awaitExecution({ executionId });
        return execution?.endTime && execution;
      }),
    async events() {
      const { events } = await dev.orchestrator.listEvents({ executionId });
      return events.map(({ event }) => event.case);
    },
  };
}
