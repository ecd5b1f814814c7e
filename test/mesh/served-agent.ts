import type { AgentDefinition, Log } from "@weft/agent-sdk";
import { onTestFinished } from "vitest";
import type { DevFile } from "../harness/weft-dev.ts";

const silent = (): void => {};
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

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
