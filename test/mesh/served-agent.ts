import { type AgentDefinition, capability, defineAgent, type Log } from "@weft/agent-sdk";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { DevFile } from "../harness/weft-dev.ts";

const silent = (): void => {};
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** Answers with what it is asked. */
export const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  slots: 64,
  capabilities: {
    "test.echo": capability({ input: z.unknown(), output: z.unknown(), run: (input) => input }),
  },
});

/** Serves an agent in the test's own process until the test is over. */
export function serveAgent(
  dev: { readonly file: Pick<DevFile, "registry" | "token"> },
  agent: AgentDefinition & { serve(options: object): Promise<void> },
  options: { readonly address?: string; readonly advertise?: string } = {},
): void {
  const stop = new AbortController();
  const { registry, token } = dev.file;
  const served = agent.serve({
    ...options,
    registry,
    token,
    agentId: agent.name,
    log,
    drainGraceMs: 0,
    signal: stop.signal,
  });
  onTestFinished(() => {
    stop.abort();
    return served;
  });
}
