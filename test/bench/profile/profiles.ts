import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { MeshFacts, ProfileRequest } from "../engine/mesh-process.ts";
import type { EnginePhaseName } from "../phases.ts";
import type { Child } from "../processes/child.ts";
import { type CpuProfile, hotSpots, type Spot } from "./hot-spots.ts";

const functionsMax = 20;
const filesMax = 20;

/** Where the profile of a phase is kept; a later round's replaces an earlier one's. */
export function profilePath(folder: string, phase: EnginePhaseName): string {
  return join(folder, `${phase}.cpuprofile`);
}

/** Profiles the mesh's main thread while something runs, and writes that to a file for a browser's tools. */
export async function profiled<T>(mesh: Child<MeshFacts>, file: string, run: () => Promise<T>): Promise<T> {
  await mesh.ask({ kind: "begin" } satisfies ProfileRequest);
  const value = await run();
  await mesh.ask({ kind: "end", file: resolve(file) } satisfies ProfileRequest);
  return value;
}

/** Tells where a profiled thread's time went. */
export async function renderProfile(file: string): Promise<string> {
  const { busyMs, idleMs, functions, files } = hotSpots(
    JSON.parse(await readFile(file, "utf8")) as CpuProfile,
  );
  return [
    `${file}: busy ${seconds(busyMs)}, idle ${seconds(idleMs)}; self time in shares of busy`,
    ...functions.slice(0, functionsMax).map(line),
    "by file:",
    ...files.slice(0, filesMax).map(line),
    "",
  ].join("\n");
}

function line({ name, share }: Spot): string {
  return `${(share * 100).toFixed(1).padStart(6)} %  ${name}`;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
