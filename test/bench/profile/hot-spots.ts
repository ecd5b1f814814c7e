/** A `.cpuprofile`, as far as it is read here. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  /** The node on top of the stack at each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
};

/** Where a thread's time went. Shares are of the time that it was not idle. */
export type HotSpots = {
  readonly busyMs: number;
  readonly idleMs: number;
  readonly functions: readonly Spot[];
  readonly files: readonly Spot[];
};

export type Spot = { readonly name: string; readonly share: number };

/** Sums self time by function and by file, the most expensive first. */
export function hotSpots({ nodes, samples, timeDeltas }: CpuProfile): HotSpots {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const byFunction = new Map<string, number>();
  const byFile = new Map<string, number>();
  let busyUs = 0;
  let idleUs = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const tookUs = timeDeltas[index] ?? 0;
    // Starting and stopping the profiler takes long enough to be seen, and is no part of the work.
    if (!frame || frame.url === "node:inspector") continue;
    if (frame.functionName === "(idle)") {
      idleUs += tookUs;
      continue;
    }
    busyUs += tookUs;
    const file = shortPath(frame.url);
    const place = frame.url === "" ? file : `${file}:${frame.lineNumber + 1}`;
    add(byFunction, `${frame.functionName || "(anonymous)"}  ${place}`, tookUs);
    add(byFile, file, tookUs);
  }
  return {
    busyMs: busyUs / 1_000,
    idleMs: idleUs / 1_000,
    functions: ranked(byFunction, busyUs),
    files: ranked(byFile, busyUs),
  };
}

function add(timesUs: Map<string, number>, name: string, tookUs: number): void {
  timesUs.set(name, (timesUs.get(name) ?? 0) + tookUs);
}

function ranked(timesUs: ReadonlyMap<string, number>, busyUs: number): readonly Spot[] {
  return [...timesUs]
    .map(([name, tookUs]) => ({ name, share: tookUs / busyUs }))
    .sort((one, other) => other.share - one.share);
}

/** From the package on, without the way there; native code has no path at all. */
function shortPath(url: string): string {
  if (url === "") return "(native)";
  const inPackage = url.split("node_modules/").at(-1) ?? url;
  return inPackage.replace(/^file:\/\/.*?\/(?=(?:services|libs|proto|test)\/)/, "");
}
