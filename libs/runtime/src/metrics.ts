import { collectDefaultMetrics, type Metric, Registry } from "prom-client";

/** Name, help text and label names of a metric, as Prometheus shows them. Units are in the name: seconds, bytes. */
export type MetricShape = {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
};

/** Sets a gauge for one combination of label values. */
export type SetGauge = (value: number, ...labels: readonly string[]) => void;

type Sample = {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
};

/** Combinations of label values that one metric tells apart: beyond it they are counted together, as "other". */
export const childrenMax = 1_000;

/** Upper bounds in seconds, from milliseconds to half a day. */
export const durationBounds = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200,
] as const;

/** Counts upward, from 0 at the start of the process. */
export class Tally {
  value = 0;

  add(amount = 1): void {
    this.value += amount;
  }
}

/** How many observations fell below which bound. */
export class Spread {
  readonly bounds: readonly number[];
  /** One for each bound, and one for what is above all of them; not cumulative. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let place = 0;
    while (place < this.bounds.length && value > this.bounds[place]!) place++;
    this.counts[place]!++;
    this.sum += value;
  }
}

/** A metric's children by their label values; a child is looked up once and kept by whoever counts with it. */
export class Family<Child> {
  readonly #labelNames: readonly string[];
  readonly #make: () => Child;
  readonly #children = new Map<string, { readonly labels: readonly string[]; readonly child: Child }>();

  constructor(labelNames: readonly string[], make: () => Child) {
    this.#labelNames = labelNames;
    this.#make = make;
  }

  with(...labels: readonly string[]): Child {
    const key = labels.join("\0");
    const known = this.#children.get(key);
    if (known) return known.child;
    const others = this.#labelNames.map(() => "other");
    if (this.#children.size >= childrenMax && labels.some((label) => label !== "other"))
      return this.with(...others);
    const child = this.#make();
    this.#children.set(key, { labels, child });
    return child;
  }

  *samples(samplesOf: (child: Child, labels: Record<string, string>) => Iterable<Sample>): Generator<Sample> {
    for (const { labels, child } of this.#children.values())
      yield* samplesOf(child, labelled(this.#labelNames, labels));
  }
}

/**
 * The metrics of one service, or of all services of one process. prom-client writes them out; what is counted on the
 * way of a step is counted here, in a field, because its own counters hash their labels at every turn.
 */
export class Metrics {
  readonly #registry = new Registry();

  counter({ labels = [], ...shape }: MetricShape): Family<Tally> {
    const family = new Family(labels, () => new Tally());
    this.#register("counter", shape, () =>
      family.samples(({ value }, childLabels) => [{ labels: childLabels, value }]),
    );
    if (labels.length === 0) family.with();
    return family;
  }

  histogram(
    { labels = [], ...shape }: MetricShape,
    bounds: readonly number[] = durationBounds,
  ): Family<Spread> {
    const family = new Family(labels, () => new Spread(bounds));
    this.#register("histogram", shape, () =>
      family.samples((spread, childLabels) => spreadSamples(shape.name, spread, childLabels)),
    );
    if (labels.length === 0) family.with();
    return family;
  }

  /** `collect` is asked whenever somebody reads the metrics. */
  gauge({ labels = [], ...shape }: MetricShape, collect: (set: SetGauge) => void): void {
    this.#register("gauge", shape, () => {
      const samples: Sample[] = [];
      collect((value, ...values) => void samples.push({ labels: labelled(labels, values), value }));
      return samples;
    });
  }

  /** What Node.js tells of the process: event-loop lag, garbage collection, memory, CPU. */
  addProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Names of all metrics that are registered. */
  names(): readonly string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name);
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #register(
    type: "counter" | "gauge" | "histogram",
    shape: { readonly name: string; readonly help: string },
    samples: () => Iterable<Sample>,
  ): void {
    const metric = { ...shape, type, get: async () => ({ ...shape, type, values: [...samples()] }) };
    // What the registry asks of a metric is its name, and `get` when it is read.
    this.#registry.registerMetric(metric as unknown as Metric);
  }
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, place) => [name, values[place] ?? ""]));
}

function* spreadSamples(
  name: string,
  { bounds, counts, sum }: Spread,
  labels: Record<string, string>,
): Generator<Sample> {
  let below = 0;
  for (const [place, count] of counts.entries()) {
    below += count;
    yield { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[place] ?? "+Inf" }, value: below };
  }
  yield { metricName: `${name}_sum`, labels, value: sum };
  yield { metricName: `${name}_count`, labels, value: below };
}
