import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { natsServer } from "../harness/nats-server.ts";
import { type EngineBed, measurePhase, openEngineBed } from "./beds.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { heatUpTiming, timingOf } from "./phases.ts";
import { endChildren } from "./processes/child.ts";
import { progress, runLimitBench } from "./scale/bench.ts";
import { median } from "./statistics.ts";

const ratioMin = 0.9;
const pairsDefault = 3;
const scrapeEveryMs = 1_000;

const help = `Measures what metrics and the relay to NATS cost: throughput with both, in proportion to it without.

  npm run -s bench:observability

Two workloads of the usual bench: w2 (3 steps, 256 in flight) and w5 (30 steps, 256 in flight). With both, a real
nats-server on this machine stores every event, and somebody reads the metrics each second. In each pair the same
is measured with and without, in fresh processes, first one and then the other. Exits with 1 when the median over the
pairs is below ${ratioMin}.

  --pairs N    pairs (${pairsDefault})
  --help       print this
`;

const phases = ["w2_256", "w5"] as const;
const figures = ["w2_256_steps_per_s", "w5_steps_per_s"] as const;

await runLimitBench({ help, option: { name: "pairs", default: pairsDefault }, measure });

async function measure(folder: string, pairs: number): Promise<boolean> {
  const nats = await natsServer(folder);
  await nats.start();
  const ratios = new Map<string, number[]>(figures.map((figure) => [figure, []]));
  for (let pair = 1; pair <= pairs; pair += 1) {
    // Which comes first alternates: neither has the better half of the machine's mood.
    const order = pair % 2 === 0 ? [true, false] : [false, true];
    const seen = new Map<boolean, Figures>();
    for (const isObserved of order) {
      const dataDirectory = join(folder, `${pair}-${isObserved}`);
      await mkdir(dataDirectory);
      seen.set(isObserved, await measureSide(dataDirectory, isObserved ? nats.url : undefined));
    }
    for (const figure of figures) {
      const [on = 0, off = 0] = [seen.get(true)?.[figure], seen.get(false)?.[figure]];
      ratios.get(figure)!.push(on / off);
      progress(
        `pair ${pair}  ${figure}  with ${on.toFixed(0)}, without ${off.toFixed(0)}: ${(on / off).toFixed(2)}`,
      );
    }
  }
  await nats.kill();
  const verdicts = figures.map((figure) => {
    const value = median(ratios.get(figure)!);
    const isMet = value >= ratioMin;
    process.stdout.write(
      `${figure.padEnd(20)} with ÷ without ${value.toFixed(2)}   ${isMet ? "ok" : "MISSED"} (≥ ${ratioMin})\n`,
    );
    return isMet;
  });
  return verdicts.every(Boolean);
}

async function measureSide(dataDirectory: string, natsUrl: string | undefined): Promise<Figures> {
  const bed = await openEngineBed({
    dataDirectory,
    ...(natsUrl === undefined ? {} : { observed: { natsUrl } }),
  });
  const stopReading = readMetrics(bed);
  try {
    const beds = { raw: undefined, engine: bed };
    await measurePhase(beds, "w2_256", heatUpTiming);
    const seen = [];
    for (const phase of phases) seen.push(await measurePhase(beds, phase, timingOf(phase, "full")));
    return figuresOf(seen);
  } finally {
    stopReading();
    await endChildren();
  }
}

/** As Prometheus would, more often. */
function readMetrics({ mesh }: EngineBed): () => void {
  const { metricsPort } = mesh.facts;
  if (metricsPort === undefined) return () => {};
  const timer = setInterval(() => {
    void fetch(`http://127.0.0.1:${metricsPort}/metrics`)
      .then((answer) => answer.text())
      .catch(() => {});
  }, scrapeEveryMs);
  return () => clearInterval(timer);
}
