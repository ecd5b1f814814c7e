import type { WorkflowName } from "./engine/workflows.ts";

/** What `--only` chooses from. */
export const phaseGroups = ["raw", "w1", "w2", "w3", "w4", "w5"] as const;
export type PhaseGroup = (typeof phaseGroups)[number];

export type RawLoad = {
  /** `parts`: all that an execution of three steps can't do without, and nothing else. */
  readonly call: "unary" | "bidi" | "parts";
  /** Callers, each of which sends its next message when the last has come back. */
  readonly inFlight: number;
};

export type EngineLoad = {
  readonly workflow: WorkflowName;
  /** Starters, each in a closed loop. */
  readonly inFlight: number;
  /** When a starter goes on: when its execution has ended, or already when its start is durable. */
  readonly next: "on-end" | "on-start";
};

/** For so long a load runs uncounted, then counted. */
export type Timing = { readonly warmupMs: number; readonly measureMs: number };

export type Length = "quick" | "full";
type Times = Readonly<Record<Length, Timing>>;

export type RawPhase = { readonly group: "raw" } & RawLoad & Times;
export type EnginePhase = { readonly group: PhaseGroup } & EngineLoad & Times;

const seconds = (warmup: number, measure: number): Timing => ({
  warmupMs: warmup * 1_000,
  measureMs: measure * 1_000,
});

const rawTimes: Times = { quick: seconds(0.4, 1.6), full: seconds(0.5, 3) };

/** Bare grpc-js; the parts are with a file. */
export const rawPhases = {
  raw_unary: { group: "raw", call: "unary", inFlight: 256, ...rawTimes },
  raw_unary_one: { group: "raw", call: "unary", inFlight: 1, ...rawTimes },
  raw_parts: { group: "raw", call: "parts", inFlight: 1, ...rawTimes },
  raw_bidi: { group: "raw", call: "bidi", inFlight: 256, ...rawTimes },
} as const satisfies Readonly<Record<string, RawPhase>>;

const threeSteps = { workflow: "three-steps", next: "on-end" } as const;
const oneAtATime = { inFlight: 1, quick: seconds(0.4, 2), full: seconds(0.5, 4) } as const;

/** The workloads that other engines were measured with. */
export const enginePhases = {
  w1: { group: "w1", ...threeSteps, ...oneAtATime },
  w2_64: { group: "w2", ...threeSteps, inFlight: 64, quick: seconds(0.4, 2), full: seconds(0.5, 4) },
  w2_256: { group: "w2", ...threeSteps, inFlight: 256, quick: seconds(0.5, 3), full: seconds(1, 5) },
  w3: { group: "w3", workflow: "hundred-parallel", next: "on-end", ...oneAtATime },
  w4: {
    group: "w4",
    workflow: "three-steps",
    next: "on-start",
    inFlight: 256,
    quick: seconds(0.5, 2),
    full: seconds(1, 4),
  },
  w5: {
    group: "w5",
    workflow: "thirty-steps",
    next: "on-end",
    inFlight: 256,
    quick: seconds(1.5, 3.5),
    full: seconds(2, 6),
  },
} as const satisfies Readonly<Record<string, EnginePhase>>;

export type RawPhaseName = keyof typeof rawPhases;
export type EnginePhaseName = keyof typeof enginePhases;
export type PhaseName = RawPhaseName | EnginePhaseName;

/** Run first and not counted: a process is slow until its code is compiled. */
export const heatUp: readonly PhaseName[] = ["raw_unary", "w2_256"];
export const heatUpTiming: Timing = seconds(0, 3);

/**
 * One round. A noisy machine drifts, so bare calls stand between the workloads that are compared with them;
 * what stands here more than once is pooled.
 */
export const round: readonly PhaseName[] = [
  "raw_unary",
  "w2_256",
  "raw_unary_one",
  "raw_parts",
  "w1",
  "w3",
  "raw_unary",
  "w5",
  "raw_bidi",
  "w2_64",
  "raw_unary",
  "w4",
];

/** Rounds in one run. */
export const rounds: Readonly<Record<Length, number>> = { quick: 1, full: 2 };

/** Whether a phase is one of bare calls. */
export function isRaw(name: PhaseName): name is RawPhaseName {
  return name in rawPhases;
}

/** How long a phase takes. */
export function timingOf(name: PhaseName, length: Length): Timing {
  return isRaw(name) ? rawPhases[name][length] : enginePhases[name][length];
}

/** What `--only` calls a phase by. */
export function groupOf(name: PhaseName): PhaseGroup {
  return isRaw(name) ? rawPhases[name].group : enginePhases[name].group;
}
