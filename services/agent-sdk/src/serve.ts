import { systemClock } from "@weft/runtime/grpc";
import type { AgentDefinition } from "./agent.ts";
import { readConfig, type ServeOptions } from "./config.ts";
import { createLog } from "./log.ts";
import { startAgent } from "./worker/running-agent.ts";

/** From the configuration to the last line of the log: the life of an agent's process. */
export async function serve(agent: AgentDefinition, options: ServeOptions = {}): Promise<void> {
  const config = readConfig(agent, options);
  const log =
    options.log ??
    createLog(
      {
        write: (line) => void process.stderr.write(line),
        readable: process.stderr.isTTY === true,
        now: () => systemClock.now(),
      },
      config.logLevel,
      { agent: agent.name, agentId: config.agentId },
    );
  const running = await startAgent(agent, config, { clock: systemClock, random: Math.random, log });
  await stopRequested(options.signal);
  await running.drain();
}

/** After the first signal the listeners are gone, so that a second one ends the process as signals do. */
function stopRequested(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
    signal?.addEventListener("abort", stop);
  });
}
