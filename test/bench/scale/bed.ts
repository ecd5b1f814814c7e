import { randomBytes } from "node:crypto";
import type { AgentOptions } from "../engine/agent-process.ts";
import { type Backend, openBackend } from "../engine/backend.ts";
import type { Memory, MeshFacts, MeshOptions } from "../engine/mesh-process.ts";
import type { BenchWorkflow } from "../engine/workflows.ts";
import { type Child, startChild } from "../processes/child.ts";
import type { AgentRequest } from "./agent-process.ts";

/** A mesh with its log on disk, an agent in a process of its own, and a backend in this one. */
export type Bed = {
  readonly mesh: Child<MeshFacts>;
  readonly agent: Child<unknown>;
  readonly backend: Backend;
};

/** Nothing in it is running yet, and the agent has not been asked for. */
export function openMesh(options: MeshOptions): Promise<Child<MeshFacts>> {
  return startChild<MeshFacts>({
    name: "mesh",
    script: "engine/mesh-process.ts",
    flags: ["--expose-gc"],
    options,
  });
}

export async function openBed(
  settings: Omit<MeshOptions, "token">,
  workflows: readonly BenchWorkflow[],
): Promise<Bed> {
  const token = randomToken();
  const mesh = await openMesh({ ...settings, token });
  const { registry, orchestrator } = mesh.facts;
  const agent = await startChild({
    name: "agent",
    script: "scale/agent-process.ts",
    options: { registry, token } satisfies AgentOptions,
  });
  const documents = workflows.map(({ document }) => document);
  return { mesh, agent, backend: await openBackend({ orchestrator, token }, documents) };
}

export function randomToken(): string {
  return randomBytes(16).toString("hex");
}

export function memoryOf(mesh: Child<MeshFacts>): Promise<Memory> {
  return mesh.ask<Memory>({ kind: "memory" });
}

/** Steps that the agent has put off. */
export function putOffBy(agent: Child<unknown>): Promise<number> {
  return agent.ask<number>({ kind: "put-off" } satisfies AgentRequest);
}

export function letThrough(agent: Child<unknown>, count: number): Promise<void> {
  return agent.ask<void>({ kind: "let-through", count } satisfies AgentRequest);
}
