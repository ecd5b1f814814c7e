import { StepClock } from "@weft/runtime/grpc";
import type { AgentDefinition } from "../agent.ts";
import { workerLimits } from "../worker/core/limits.ts";
import { startAgent } from "../worker/running-agent.ts";
import { type LogLine, recordedLog } from "./recorded-log.ts";
import {
  openTestOrchestrator,
  type TestOrchestrator,
  type TestOrchestratorOptions,
} from "./test-orchestrator.ts";
import { startTestRegistry, type TestRegistry } from "./test-registry.ts";

export type TestAgentOptions = {
  /** Milliseconds of the test's clock. Default 25,000. */
  readonly drainGraceMs?: number | undefined;
  /** A file that keeps successes for the next test agent that is started with it. Default: none. */
  readonly idempotencyFile?: string | undefined;
};

/** An agent that is served for a test: real gRPC on loopback, time that only the test moves. */
export type TestAgent = {
  /** host:port of its AgentService. */
  readonly address: string;
  /** The registry that it is attached to. */
  readonly registry: TestRegistry;
  /** Every line that it has logged. */
  readonly logs: readonly LogLine[];
  /** The oldest line with this message that the test has not taken yet, or the next to come. */
  logged(message: string): Promise<LogLine>;
  /** Opens an orchestrator's session and claims shard 0. */
  connect(options?: TestOrchestratorOptions): Promise<TestOrchestrator>;
  /** Lets time pass for the agent: deadlines, heartbeats, the drain's grace. */
  advance(ms: number): void;
  /** What SIGTERM does. */
  drain(): Promise<void>;
  /** Ends it whatever runs, and the registry with it. */
  stop(): Promise<void>;
};

/**
 * Serves an agent for a test, attached to a registry of its own, with orchestrators driven by hand.
 *
 * @example
 * ```ts
 * const served = await startTestAgent(agent);
 * const orchestrator = await served.connect();
 * orchestrator.dispatch("code.review", { repo: "weft", commit: "slow" }, { timeLeftMs: 5_000 });
 * await orchestrator.next("accepted");
 * served.advance(5_000);
 * expect((await orchestrator.next("failed")).failure?.reason).toBe("DEADLINE");
 * await served.stop();
 * ```
 */
export async function startTestAgent(
  agent: AgentDefinition,
  options: TestAgentOptions = {},
): Promise<TestAgent> {
  const registry = await startTestRegistry();
  const clock = new StepClock();
  const { log, lines: logs, logged } = recordedLog();
  const running = await startAgent(agent, configOf(agent, options, registry.address), {
    clock,
    log,
    random: () => 0.5,
  });
  let stopped: Promise<unknown> | undefined;
  const drain = async (): Promise<void> => {
    stopped ??= running.drain();
    await stopped;
  };
  return {
    address: running.address,
    registry,
    logs,
    logged,
    connect: (orchestrator) => openTestOrchestrator(running.address, orchestrator),
    advance: (ms) => clock.advance(ms),
    drain,
    async stop() {
      const draining = drain();
      clock.advance(graceMs(options));
      await Promise.all([draining, registry.stop()]);
    },
  };
}

function graceMs({ drainGraceMs = 25_000 }: TestAgentOptions): number {
  return drainGraceMs;
}

function configOf(agent: AgentDefinition, options: TestAgentOptions, registry: string) {
  return {
    agentId: `${agent.name}-test`,
    zone: agent.zone ?? "",
    region: agent.region ?? "",
    address: "127.0.0.1:0",
    advertised: (port: number) => `127.0.0.1:${port}`,
    drainGraceMs: graceMs(options),
    payloadBytesMax: workerLimits.payloadBytesMax,
    idempotencyStore:
      options.idempotencyFile === undefined
        ? undefined
        : { file: options.idempotencyFile, bounds: workerLimits.keptSuccesses },
    logLevel: "debug",
    locate: () => ({ registry, token: undefined }),
  } as const;
}
