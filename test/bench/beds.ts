import { randomBytes } from "node:crypto";
import type { Options } from "./arguments.ts";
import type { AgentOptions } from "./engine/agent-process.ts";
import type { OrchestratorTarget } from "./engine/backend.ts";
import type { DriverRequest } from "./engine/driver-process.ts";
import type { MeshFacts, MeshOptions } from "./engine/mesh-process.ts";
import type { Seen } from "./figures.ts";
import type { EngineObservation, RawObservation } from "./observation.ts";
import { enginePhases, isRaw, type PhaseName, rawPhases, type Timing } from "./phases.ts";
import { type Child, startChild } from "./processes/child.ts";
import type { RawClientOptions, RawRequest } from "./raw/client-process.ts";
import type { EchoFacts } from "./raw/server-process.ts";

/** The processes of a run, as far as it needs them. Those that are not being measured are idle. */
export type Beds = { readonly raw: RawBed | undefined; readonly engine: EngineBed | undefined };

type RawBed = { readonly server: Child<EchoFacts>; readonly client: Child<unknown> };
export type EngineBed = {
  readonly mesh: Child<MeshFacts>;
  readonly agent: Child<unknown>;
  readonly driver: Child<unknown>;
};

/** Starts what the options ask for. `dataDirectory` is for the log and for the bare writes. */
export async function openBeds(dataDirectory: string, options: Options): Promise<Beds> {
  const needsEngine = [...options.only].some((group) => group !== "raw");
  const [raw, engine] = await Promise.all([
    options.only.has("raw") ? openRawBed(dataDirectory) : undefined,
    needsEngine ? openEngineBed({ dataDirectory }) : undefined,
  ]);
  return { raw, engine };
}

/** Every process of the beds. */
export function childrenOf({ raw, engine }: Beds): readonly Child<unknown>[] {
  return [...Object.values(raw ?? {}), ...Object.values(engine ?? {})];
}

/** Measures a phase once. Its bed must be there. */
export async function measurePhase(beds: Beds, phase: PhaseName, timing: Timing): Promise<Seen> {
  if (isRaw(phase)) {
    const request: RawRequest = { load: rawPhases[phase], timing };
    return { kind: "raw", phase, observation: await beds.raw!.client.ask<RawObservation>(request) };
  }
  const request: DriverRequest = { load: enginePhases[phase], timing };
  return { kind: "engine", phase, observation: await beds.engine!.driver.ask<EngineObservation>(request) };
}

/** An echo server and its client. */
async function openRawBed(folder: string): Promise<RawBed> {
  const server = await startChild<EchoFacts>({ name: "echo server", script: "raw/server-process.ts" });
  const options: RawClientOptions = { ...server.facts, folder };
  const client = await startChild({ name: "echo client", script: "raw/client-process.ts", options });
  return { server, client };
}

/** The mesh (orchestrator and registry, as `weft dev` has them), an agent, and a backend that drives. */
export async function openEngineBed(settings: Omit<MeshOptions, "token">): Promise<EngineBed> {
  const token = randomBytes(16).toString("hex");
  const mesh = await startChild<MeshFacts>({
    name: "mesh",
    script: "engine/mesh-process.ts",
    options: { ...settings, token } satisfies MeshOptions,
  });
  const { registry, orchestrator } = mesh.facts;
  const [agent, driver] = await Promise.all([
    startChild({
      name: "agent",
      script: "engine/agent-process.ts",
      options: { registry, token } satisfies AgentOptions,
    }),
    startChild({
      name: "driver",
      script: "engine/driver-process.ts",
      options: { orchestrator, token } satisfies OrchestratorTarget,
    }),
  ]);
  return { mesh, agent, driver };
}
