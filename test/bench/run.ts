import type { Options } from "./arguments.ts";
import { type Beds, childrenOf, measurePhase, openBeds } from "./beds.ts";
import { withDataFolder } from "./data-folder.ts";
import { figuresOf, type Seen } from "./figures.ts";
import { type Cores, metered } from "./meter.ts";
import {
  groupOf,
  heatUp,
  heatUpTiming,
  isRaw,
  type Length,
  type PhaseName,
  round,
  rounds,
  timingOf,
} from "./phases.ts";
import { endChildren, lastWords } from "./processes/child.ts";
import { profiled, profilePath } from "./profile/profiles.ts";
import { figureText, type RunResult, type Wrong } from "./report.ts";
import { mean } from "./statistics.ts";

/** Tells a person what goes on. */
export type Progress = (line: string) => void;

/**
 * Measures once, in fresh processes and a fresh log. Rejects when a process dies, a workload hangs, or
 * `interrupted` does; the processes and the log are gone then too.
 */
export function runOnce(
  options: Options,
  progress: Progress,
  interrupted: Promise<never>,
): Promise<RunResult> {
  return withDataFolder(async (folder) => {
    try {
      const beds = await Promise.race([openBeds(folder, options), interrupted]);
      const deaths = childrenOf(beds).map(({ died }) => died);
      return await Promise.race([measure(beds, options, progress), ...deaths, interrupted]);
    } catch (error) {
      for (const line of lastWords()) progress(line);
      throw error;
    } finally {
      await endChildren();
    }
  });
}

async function measure(beds: Beds, options: Options, progress: Progress): Promise<RunResult> {
  const length: Length = options.quick ? "quick" : "full";
  const isThere = (name: PhaseName): boolean => (isRaw(name) ? beds.raw : beds.engine) !== undefined;
  const heated: Seen[] = [];
  for (const name of heatUp.filter(isThere)) heated.push(await measurePhase(beds, name, heatUpTiming));
  const measured: Measured[] = [];
  for (let turn = 0; turn < rounds[length]; turn += 1)
    for (const name of round.filter((phase) => options.only.has(groupOf(phase)))) {
      const one = await measureOnce(beds, name, options, length);
      for (const line of linesOf(one)) progress(line);
      measured.push(one);
    }
  const memory = beds.engine ? { rss_mb: (await beds.engine.mesh.usage()).rssMb } : {};
  const seen = measured.map((one) => one.seen);
  return {
    figures: { ...figuresOf(seen), ...memory },
    wrong: [...heated, ...seen].flatMap(wrongOf),
    othersCores: mean(measured.map(({ cores }) => cores.others)),
  };
}

type Measured = { readonly seen: Seen; readonly cores: Cores };

async function measureOnce(beds: Beds, name: PhaseName, options: Options, length: Length): Promise<Measured> {
  const measuring = () => measurePhase(beds, name, timingOf(name, length));
  const { profileDirectory } = options;
  const run =
    profileDirectory === undefined || isRaw(name)
      ? measuring
      : () => profiled(beds.engine!.mesh, profilePath(profileDirectory, name), measuring);
  const { value, cores } = await metered(childrenOf(beds), run);
  return { seen: value, cores };
}

function linesOf({ seen, cores }: Measured): string[] {
  const figures = Object.entries(figuresOf([seen])).map(([name, value]) => `${name} ${figureText(value)}`);
  const busy = [...cores.children, { name: "others", cores: cores.others }]
    .filter((one) => one.cores >= 0.01)
    .map((one) => `${one.name} ${one.cores.toFixed(2)}`);
  return [
    `${seen.phase.padEnd(13)}  ${figures.join("  ")}  (cores: ${busy.join(", ")})`,
    ...wrongOf(seen).map(
      ({ count, first }) => `${seen.phase}  WRONG: ${count} executions; the first: ${first}`,
    ),
  ];
}

function wrongOf({ kind, phase, observation }: Seen): Wrong[] {
  if (kind === "raw" || observation.wrong === 0) return [];
  return [{ phase, count: observation.wrong, first: observation.firstWrong ?? "" }];
}
