import { writeFile } from "node:fs/promises";
import { Session } from "node:inspector/promises";
import { createOrchestrator, orchestratorDefaults } from "@weft/orchestrator";
import { createRegistry } from "@weft/registry";
import { createLogger } from "@weft/runtime/logger";
import { streamLimitDefaults } from "@weft/runtime/nats-config";
import { serveParent } from "../processes/parent.ts";

export type MeshOptions = {
  readonly dataDirectory: string;
  readonly token: string;
  readonly executionsInFlightMax?: number;
  /** Whether it counts for Prometheus, and relays its log to the nats-server at this URL. */
  readonly observed?: { readonly natsUrl: string };
};

/** Where both serve. */
export type MeshFacts = {
  readonly registry: string;
  readonly orchestrator: string;
  /** Executions that were in memory when it served. */
  readonly recovered: number;
  /** Where the metrics are, if it is observed. */
  readonly metricsPort?: number;
};

/** What the process holds after a collection of garbage; it must have been started with --expose-gc. */
export type MemoryRequest = { readonly kind: "memory" };

export type Memory = { readonly heapMb: number; readonly rssMb: number };

/** Profiles the main thread from one to the other. */
export type ProfileRequest = { readonly kind: "begin" } | { readonly kind: "end"; readonly file: string };

const address = "127.0.0.1:0";
const leaseMs = 10_000;

/** The registry and the orchestrator in one process, as `weft dev` has them. */
serveParent<MeshOptions, ProfileRequest | MemoryRequest>(
  async ({ dataDirectory, token, observed, ...limits }) => {
    const logger = createLogger("mesh", "warn");
    const registry = createRegistry({ address, token, leaseMs }, { logger });
    const registryAddress = `127.0.0.1:${(await registry.start()).port}`;
    const orchestrator = createOrchestrator(
      {
        ...orchestratorDefaults,
        ...limits,
        address,
        registryAddress,
        token,
        dataDirectory,
        orchestratorId: "bench",
        ...(observed && {
          metricsAddress: address,
          nats: { servers: [observed.natsUrl], name: "bench" },
          streamLimits: streamLimitDefaults,
        }),
      },
      { logger, onFatal: () => process.exit(1) },
    );
    const { port, recovered, metricsPort } = await orchestrator.start();
    const facts: MeshFacts = {
      registry: registryAddress,
      orchestrator: `127.0.0.1:${port}`,
      recovered,
      ...(metricsPort === undefined ? {} : { metricsPort }),
    };
    return { facts, answer };
  },
);

async function answer(request: ProfileRequest | MemoryRequest): Promise<Memory | undefined> {
  if (request.kind === "memory") return memory();
  await profile(request);
  return undefined;
}

/** Twice: what finalizers hold is let go by the first. */
async function memory(): Promise<Memory> {
  for (let times = 0; times < 2; times += 1) await globalThis.gc?.({ type: "major", execution: "async" });
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 };
}

const session = new Session();

async function profile(request: ProfileRequest): Promise<void> {
  if (request.kind === "begin") {
    session.connect();
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
  } else {
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    await writeFile(request.file, JSON.stringify(profile));
  }
}
