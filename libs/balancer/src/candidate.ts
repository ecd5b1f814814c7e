import type { TrackRecord } from "./track-record.ts";

/** A capability as an agent offers it. */
export type CapabilityOffer = {
  readonly name: string;
  /** Slots it may take at once; 0: all of the agent's. */
  readonly concurrencyMax: number;
};

/** What an agent says of itself. */
export type AgentOffer = {
  readonly id: string;
  readonly slots: number;
  readonly capabilities: readonly CapabilityOffer[];
};

/** What the picker knows of an agent. Written by the fleet alone. */
export type Candidate = {
  readonly id: string;
  slots: number;
  /** Slots reserved by this orchestrator. */
  mine: number;
  /** Slots that others' work takes. */
  busyElsewhere: number;
  /** Ready and connected. */
  eligible: boolean;
  /** One for each capability that is offered now, or of which work still runs. */
  readonly lanes: Map<string, Lane>;
};

/** One capability of one candidate. */
export type Lane = {
  readonly candidate: Candidate;
  readonly pool: Pool;
  /** 0: withdrawn; what runs may end, nothing new starts. */
  concurrencyMax: number;
  running: number;
  readonly record: TrackRecord;
  /** Its place in `pool.open`, or -1. */
  place: number;
};

/** All lanes of one capability. */
export type Pool = {
  readonly capability: string;
  /** The lanes that can take work now, in no order. */
  readonly open: Lane[];
  /** Lanes that exist, withdrawn ones included. */
  lanes: number;
  /** Lanes that are not withdrawn. */
  offered: number;
  /** Completions ÷ lanes, summed up: the time by which track records fade. */
  round: number;
};

/** Free slots; below zero when work was found running beyond the slots. */
export function freeSlots(candidate: Candidate): number {
  return candidate.slots - candidate.mine - candidate.busyElsewhere;
}

/** Whether a lane can take work now. */
export function isOpen(lane: Lane): boolean {
  const { candidate } = lane;
  return candidate.eligible && lane.running < lane.concurrencyMax && freeSlots(candidate) > 0;
}
