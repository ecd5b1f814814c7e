import type { JsonObject } from "./json.ts";
import { testWorkflow } from "./transcript.fixture.ts";
import type { Workflow } from "./workflow.ts";

/** Draws that repeat for the same seed. */
export type Chance = {
  /** A whole number from 0 to below `end`. */
  readonly below: (end: number) => number;
  /** True this often. */
  readonly is: (share: number) => boolean;
  /** One of them; there must be one. */
  readonly of: <T>(all: readonly T[]) => T;
};

/** Mulberry32: the core can not borrow the balancer's. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number): number => Math.floor(draw() * end);
  return { below, is: (share) => draw() < share, of: (all) => all[below(all.length)]! };
}

/** Up to `stepsMax` steps, of whatever kind. */
export function randomWorkflow({ below, of }: Chance, stepsMax: number): Workflow {
  const seed = () => below(0x1_0000_0000);
  const count = 1 + below(of([4, 20, stepsMax]));
  return workflowFrom(seed(), Array.from({ length: count }, seed));
}

const retries = [
  "standard",
  "aggressive",
  "conservative",
  "none",
  { maxAttempts: 9, initialDelay: "0ms" },
  { maxAttempts: 9, initialDelay: "0ms" },
  { maxAttempts: 3, notOn: ["UNAVAILABLE"] },
] as const;

/**
 * Every mode, join, condition and timeout. One number decides on the whole and one on each step, so that
 * leaving steps out leaves the rest much as it was. Its input is `{"yes":true,"no":false}`.
 */
export function workflowFrom(seed: number, steps: readonly number[]): Workflow {
  const { of, is } = chance(seed);
  const mode = of(["sequential", "parallel", "dependency", "dependency", "dependency"]);
  const places = placesOf(steps);
  return testWorkflow({
    mode,
    onFailure: of(["fail", "continue"]),
    ...(is(0.3) ? { timeout: "10m" } : {}),
    vars: { sure: "${input.yes}" },
    steps: steps.map((step, index) => {
      const drawn = chance(step);
      const needs = needsOf(mode, drawn, index, places);
      return { id: `s${index}`, ...settings(drawn), ...wiring(drawn, mode, needs) };
    }),
  });
}

/** The steps in an order in which each may wait for those before it: it is not the order of the list. */
type Places = { readonly order: readonly number[]; readonly placeOf: readonly number[] };

function placesOf(steps: readonly number[]): Places {
  const order = [...steps.keys()].sort((a, b) => steps[a]! - steps[b]! || a - b);
  const placeOf: number[] = [];
  for (const [place, index] of order.entries()) placeOf[index] = place;
  return { order, placeOf };
}

/** The steps that it may refer to: at most three, mostly close by, so that chains grow long. */
function needsOf(mode: string, { below, is }: Chance, index: number, places: Places): readonly string[] {
  if (mode === "parallel") return [];
  if (mode === "sequential") return index > 0 && is(0.5) ? [`s${below(index)}`] : [];
  const place = places.placeOf[index]!;
  const wanted = place > 0 ? below(4) : 0;
  const near = is(0.5) ? Math.min(place, 6) : place;
  const found = Array.from({ length: wanted }, () => `s${places.order[place - 1 - below(near)]}`);
  return [...new Set(found)];
}

function settings({ of, is }: Chance): JsonObject {
  return {
    retry: of(retries),
    optional: is(0.2),
    atMostOnce: is(0.08),
    ...(is(0.3) ? { timeout: "30s" } : {}),
    ...(is(0.6) ? { queueTimeout: "20s" } : {}),
    ...(is(0.2) ? { heartbeatTimeout: "5s" } : {}),
  };
}

function wiring({ of, is, below }: Chance, mode: string, needs: readonly string[]): JsonObject {
  const [first] = needs;
  const condition =
    first !== undefined && is(0.5)
      ? of([`\${steps.${first}.output.ok}`, `\${steps.${first}.status != 'SUCCEEDED'}`])
      : of(["${input.no}", "${vars.sure}", "${vars.sure && !input.no}"]);
  const seen = first && is(0.3) ? { seen: `\${steps.${first}.output${is(0.1) ? ".of" : ""}}` } : undefined;
  return {
    ...(mode === "dependency" ? { dependsOn: needs, join: of(["all", "all", "any", "done"]) } : {}),
    ...(below(5) === 0 ? { when: condition } : {}),
    ...(seen ? { with: seen } : {}),
  };
}
