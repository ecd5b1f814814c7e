import { join } from "node:path";
import type { MeshOptions } from "./engine/mesh-process.ts";
import { endChildren } from "./processes/child.ts";
import { memoryOf, openBed, openMesh, randomToken } from "./scale/bed.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { inFlightMax, Load, startPutOff } from "./scale/load.ts";
import { oneStep, putOff } from "./scale/workflows.ts";

const endedDefault = 200_000;
const marks = 10;
const growthMax = 1.2;
const waitingMbMax = 100;
/** More than are ever on their way at once: starts are refused when executions that wait stay in memory. */
const executionsInFlightMax = 2 * inFlightMax;

const help = `Measures what executions leave behind in the memory of an orchestrator process.

  npm run -s bench:residents   (about a minute)

Executions of one step, through one process with its log on disk, that end: its memory after all of them is at most
${growthMax} times that after the first tenth. Then, in another process, half as many whose step is to be tried again in
an hour: with them it has less than ${waitingMbMax} MB more than the first process had after as many that ended, they
take no place among the executions in flight, and a restart reads none of them. Exits with 1 when one of these does
not hold.

  --executions N   that end (${endedDefault})
  --help           print this
`;

await runLimitBench({ help, option: { name: "executions", default: endedDefault }, measure });

async function measure(folder: string, executions: number): Promise<boolean> {
  const rssMb = await measureEnded(join(folder, "ended"), executions);
  await endChildren();
  const growth = rssMb.at(-1)! / rssMb[0]!;
  const range = `${rssMb[0]!.toFixed(0)} → ${rssMb.at(-1)!.toFixed(0)} MB`;
  const isFlat = told(`executions that ended: RSS ${range}, ratio ${growth.toFixed(2)}`, growth <= growthMax);
  const waiting = Math.ceil(executions / 2);
  const isSmall = await measureWaiting(join(folder, "waiting"), waiting, rssMb[marks / 2 - 1]!);
  return isFlat && isSmall;
}

/** RSS after each tenth, as it is, before any garbage is collected for the sake of the measurement. */
async function measureEnded(dataDirectory: string, executions: number): Promise<readonly number[]> {
  const { mesh, backend } = await openBed({ dataDirectory }, [oneStep]);
  const load = new Load(backend);
  const rssMb: number[] = [];
  for (let mark = 1; mark <= marks; mark += 1) {
    await load.run("one-step", Math.ceil(executions / marks));
    rssMb.push((await mesh.usage()).rssMb);
    const { heapMb } = await memoryOf(mesh);
    const ended = mark * Math.ceil(executions / marks);
    progress(`${ended} ended: RSS ${rssMb.at(-1)!.toFixed(0)} MB, heap after gc ${heapMb.toFixed(1)} MB`);
  }
  return rssMb;
}

/**
 * Compared with a process that did the same work and has nothing left of it: what any work makes of a fresh process
 * (compiled code, young generation, SQLite's cache) is not theirs. What it has grown by is told too.
 */
async function measureWaiting(dataDirectory: string, executions: number, endedMb: number): Promise<boolean> {
  const bed = await openBed({ dataDirectory, executionsInFlightMax }, [putOff]);
  const fresh = await memoryOf(bed.mesh);
  for (let mark = 1; mark <= marks; mark += 1) {
    await startPutOff(bed, "put-off", Math.ceil(executions / marks));
    progress(
      `${mark * Math.ceil(executions / marks)} wait: RSS ${(await bed.mesh.usage()).rssMb.toFixed(0)} MB`,
    );
  }
  const { rssMb } = await bed.mesh.usage();
  const { heapMb } = await memoryOf(bed.mesh);
  const texts = [
    `RSS ${rssMb.toFixed(0)} MB, ${signed(rssMb - endedMb, 0)} MB to as many that ended`,
    `${signed(rssMb - fresh.rssMb, 0)} MB since it was fresh`,
    `heap after gc ${signed(heapMb - fresh.heapMb, 1)} MB since then`,
  ];
  const isSmall = told(`executions that wait: ${texts.join(", ")}`, rssMb - endedMb < waitingMbMax);
  const isLeft = await startsWithoutThem({ dataDirectory, token: randomToken() }, fresh.rssMb);
  return isSmall && isLeft;
}

/** After a kill. */
async function startsWithoutThem(options: MeshOptions, freshMb: number): Promise<boolean> {
  await endChildren();
  const beganMs = performance.now();
  const mesh = await openMesh(options);
  const took = ((performance.now() - beganMs) / 1_000).toFixed(2);
  const { rssMb } = await memoryOf(mesh);
  const { recovered } = mesh.facts;
  const grown = `RSS ${signed(rssMb - freshMb, 0)} MB over a fresh process without any`;
  return told(
    `a restart serves after ${took} s and reads ${recovered} executions, ${grown}`,
    recovered === 0 && rssMb - freshMb < waitingMbMax,
  );
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(digits)}`;
}

function told(text: string, isMet: boolean): boolean {
  process.stdout.write(`${text}  ${isMet ? "ok" : "MISSED"}\n`);
  return isMet;
}
