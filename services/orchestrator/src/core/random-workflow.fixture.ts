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

const retries = [
  "standard",
  "aggressive",
  "conservative",
  "none",
  { maxAttempts: 9, initialDelay: "0ms" },
  { maxAttempts: 9, initialDelay: "0ms" },
  { maxAttempts: 3, notOn: ["UNAVAILABLE"] },
] as const;

/** Any mode, up to `stepsMax` steps in any order, with references that may lead nowhere. */
export function randomWorkflow({ below, is, of }: Chance, stepsMax: number): Workflow {
  const count = 1 + below(of([4, 20, stepsMax]));
  const mode = of(["sequential", "parallel", "dependency", "dependency"]);
  // A step depends on those of a lower rank; where it stands in the list has nothing to do with it.
  const ranks = shuffled(count, below);
  const steps = ranks.map((rank, index): JsonObject => {
    const lower = ranks.flatMap((other, at) => (other < rank ? [`s${at}`] : []));
    const wanted = mode === "dependency" && lower.length > 0 ? below(4) : 0;
    const dependsOn = [...new Set(Array.from({ length: wanted }, () => of(lower)))];
    const [first] = dependsOn;
    return {
      id: `s${index}`,
      dependsOn,
      retry: of(retries),
      ...(is(0.3) ? { timeout: "30s" } : {}),
      ...(first === undefined || is(0.7)
        ? {}
        : { with: { seen: `\${steps.${first}.output${is(0.02) ? ".nothing" : ""}}` } }),
    };
  });
  return testWorkflow({ mode, steps, ...(is(0.3) ? { timeout: "10m" } : {}) });
}

function shuffled(count: number, below: Chance["below"]): readonly number[] {
  const numbers = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = below(last + 1);
    [numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!];
  }
  return numbers;
}
