import { openBed } from "./scale/bed.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { costOf, memoryPerStep, Runs } from "./scale/runs.ts";
import { type Shape, scaleWorkflows, shapes, sizes } from "./scale/workflows.ts";
import { median } from "./statistics.ts";

const ratioMax = 1.3;
const roundsDefault = 5;

const help = `Measures whether a step costs the same in a run of ${sizes.large} steps as in one of ${sizes.small}.

  npm run -s bench:scale

One orchestrator process with its log on disk and one agent process. Steps that are all parallel, and a chain
of steps each of which takes what the one before it gave. In each round, ten small runs against one large one.
Exits with 1 when a step of a large run costs more than ${ratioMax} times what one of a small run does, in the median
of the rounds' ratios: in time, in processor time of the orchestrator, or in memory of its heap.

  --rounds N   rounds after the warm-up (${roundsDefault})
  --help       print this
`;

const figures = {
  wallMs: "ms per step",
  cpuMs: "orchestrator CPU ms per step",
  heapKb: "heap KiB per step",
} as const;
type Figure = keyof typeof figures;
type Costs = Readonly<Record<Figure, number>>;
type Round = { readonly shape: Shape; readonly small: Costs; readonly large: Costs };

await runLimitBench({ help, option: { name: "rounds", default: roundsDefault }, measure });

async function measure(folder: string, rounds: number): Promise<boolean> {
  const bed = await openBed({ dataDirectory: folder }, scaleWorkflows);
  const runs = new Runs(bed.backend);
  const costs = async (shape: Shape, stepCount: number): Promise<Costs> => {
    const cost = await costOf(bed, runs, shape, stepCount, sizes.large / stepCount);
    return { ...cost, heapKb: await memoryPerStep(bed, runs, shape, stepCount) };
  };
  const seen: Round[] = [];
  for (let round = 0; round <= rounds; round += 1)
    for (const shape of shapes) {
      // Which comes first alternates: neither has the better half of the machine's mood.
      const order = round % 2 === 0 ? [sizes.small, sizes.large] : [sizes.large, sizes.small];
      const costsOf = new Map<number, Costs>();
      for (const stepCount of order) costsOf.set(stepCount, await costs(shape, stepCount));
      const one = { shape, small: costsOf.get(sizes.small)!, large: costsOf.get(sizes.large)! };
      progress(`${round === 0 ? "warm-up" : `round ${round}`}  ${lineOf(one)}`);
      if (round > 0) seen.push(one);
    }
  return shapes.flatMap((shape) => judged(shape, seen)).every((isMet) => isMet);
}

function lineOf({ shape, small, large }: Round): string {
  const texts = figureNames().map(
    (figure) => `${figures[figure]} ${small[figure].toFixed(3)} → ${large[figure].toFixed(3)}`,
  );
  return `${shape.padEnd(9)} ${texts.join("  ")}`;
}

/** Prints the medians of a shape, and tells of each figure whether its ratio is within the limit. */
function judged(shape: Shape, seen: readonly Round[]): readonly boolean[] {
  const rounds = seen.filter((round) => round.shape === shape);
  return figureNames().map((figure) => {
    const ratios = rounds.map(({ small, large }) => large[figure] / small[figure]);
    const ratio = median(ratios);
    const [small, large] = (["small", "large"] as const).map((size) =>
      median(rounds.map((round) => round[size][figure])).toFixed(3),
    );
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    process.stdout.write(
      `${shape.padEnd(9)} ${figures[figure].padEnd(29)} ${sizes.small}: ${small}  ${sizes.large}: ${large}  ` +
        `ratio ${ratio.toFixed(2)} (${spread})  ${ratio <= ratioMax ? "ok" : `MISSED: at most ${ratioMax}`}\n`,
    );
    return ratio <= ratioMax;
  });
}

function figureNames(): readonly Figure[] {
  return Object.keys(figures) as Figure[];
}
