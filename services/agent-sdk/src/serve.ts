import { systemClock } from "@weft/runtime/grpc";
import type { AgentDefinition } from "./agent.ts";
import { readConfig, type ServeOptions } from "./config.ts";
import type { Log } from "./context.ts";
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
  const cause = await stopRequested(options.signal);
  const left = await running.drain();
  if (cause !== "abort" && left.running > 0) endBySignal(cause, log);
}

type StopCause = "SIGTERM" | "SIGINT" | "abort";

/** After the first signal the listeners are gone, so that a second one ends the process as signals do. */
function stopRequested(signal: AbortSignal | undefined): Promise<StopCause> {
  if (signal?.aborted) return Promise.resolve("abort");
  return new Promise((resolve) => {
    const stop = (cause: StopCause) => (): void => {
      for (const [name, listener] of Object.entries(onSignal)) process.off(name, listener);
      signal?.removeEventListener("abort", onAbort);
      resolve(cause);
    };
    const onSignal = { SIGTERM: stop("SIGTERM"), SIGINT: stop("SIGINT") };
    const onAbort = stop("abort");
    for (const [name, listener] of Object.entries(onSignal)) process.on(name, listener);
    signal?.addEventListener("abort", onAbort);
  });
}

/** Time for what the program itself does after `serve()`. */
const lastMs = 1_000;

/** A handler that has not heeded its signal may hold the process for ever: it has had its grace. */
function endBySignal(signal: "SIGTERM" | "SIGINT", log: Log): void {
  const end = (): void => {
    log.error("handlers still run after the grace: ending the process", { signal });
    process.kill(process.pid, signal);
  };
  // Unreferenced: a process that has nothing else to do ends before, and well.
  setTimeout(end, lastMs).unref();
}
