import type { WaitingQueue } from "@weft/balancer";
import type { CancelTimer, Clock } from "@weft/runtime/clock";
import type { WaitingSteps } from "./agents.ts";

/** Since when an entry has waited is by the monotonic clock. */
type Queue = Pick<WaitingQueue<{ readonly sinceMs: number }>, "capabilities" | "lengthOf" | "oldestAmong">;

export type SlotWaitsPorts = {
  readonly clock: Clock;
  readonly random: () => number;
  readonly queue: Queue;
  /** Agents that could run it and have other orchestrators too. */
  sharedAgents(capability: string): readonly string[];
  tell(agentId: string, waiting: WaitingSteps): void;
};

/** What waits for a slot of one capability: how many steps, and since when the next of them. */
type Line = { readonly steps: number; readonly sinceMs: number };

/** Where a line is told to wait, and until when it stays there. */
type Places = { readonly told: Map<string, Line | undefined>; rotateAtMs: number };

/** Changes are gathered for so long. */
const gatherMs = 20;
/** Agents that hear of one line. */
const placesMax = 8;
/** Then others hear of it: a line that waits where the longest waiting are gathered would stay behind. */
const rotateMs = 1_000;

/**
 * Tells agents that have other orchestrators too what waits here, so that a slot which becomes free there is offered
 * to who has waited longest, wherever that is. Where no agent is shared nothing is told, and nothing is gathered.
 *
 * 1. A line is told at no more than `placesMax` agents, each of which could run it.
 * 2. What an agent was told last is what `told` holds; undefined: it has yet to hear of it.
 */
export class SlotWaits {
  readonly #ports: SlotWaitsPorts;
  readonly #places = new Map<string, Places>();
  readonly #changed = new Set<string>();
  readonly #shared = new Set<string>();
  #cancelFlush: CancelTimer | undefined;
  #cancelRotation: CancelTimer | undefined;

  constructor(ports: SlotWaitsPorts) {
    this.#ports = ports;
  }

  stop(): void {
    this.#cancelFlush?.();
    this.#cancelRotation?.();
  }

  /** What waits for the capability has changed. */
  lineChanged(capability: string): void {
    if (this.#shared.size === 0 && !this.#places.has(capability)) return;
    this.#changed.add(capability);
    this.#gather();
  }

  /** An agent has other orchestrators, or has none any more, or takes no work. */
  sharingChanged(agentId: string, isShared: boolean): void {
    if (this.#shared.has(agentId) === isShared) return;
    if (isShared) this.#shared.add(agentId);
    else this.#shared.delete(agentId);
    for (const capability of this.#ports.queue.capabilities) this.lineChanged(capability);
  }

  /** The agent has forgotten what it was told: its session is a new one, or gone. */
  forgotten(agentId: string): void {
    for (const [capability, { told }] of this.#places) {
      if (!told.has(agentId)) continue;
      told.delete(agentId);
      this.lineChanged(capability);
    }
  }

  #gather(): void {
    this.#cancelFlush ??= this.#ports.clock.after(gatherMs, () => {
      this.#cancelFlush = undefined;
      for (const capability of this.#changed) this.#flush(capability);
      this.#changed.clear();
      this.#armRotation();
    });
  }

  #flush(capability: string): void {
    const line = this.#line(capability);
    const places = this.#places.get(capability) ?? { told: new Map(), rotateAtMs: 0 };
    this.#choose(places, line, capability);
    for (const [agentId, told] of places.told) {
      if (told?.steps === line?.steps && told?.sinceMs === line?.sinceMs) continue;
      places.told.set(agentId, line);
      this.#tell(agentId, capability, line);
    }
    if (places.told.size > 0) this.#places.set(capability, places);
    else this.#places.delete(capability);
  }

  #line(capability: string): Line | undefined {
    const { queue } = this.#ports;
    const next = queue.oldestAmong([capability]);
    return next && { steps: queue.lengthOf(capability), sinceMs: next.value.sinceMs };
  }

  /** Takes leave of places that are none any more, and finds new ones. */
  #choose(places: Places, line: Line | undefined, capability: string): void {
    const nowMs = this.#ports.clock.monotonic();
    const possible = line ? this.#ports.sharedAgents(capability) : [];
    const isDue = nowMs >= places.rotateAtMs;
    const stay = new Set(isDue ? [] : possible.filter((agentId) => places.told.has(agentId)));
    const wanted = Math.min(placesMax, possible.length);
    const others = [...possible];
    while (stay.size < wanted) {
      const place = Math.floor(this.#ports.random() * others.length);
      stay.add(others[place]!);
      others[place] = others.at(-1)!;
      others.pop();
    }
    if (isDue) places.rotateAtMs = nowMs + rotateMs;
    for (const agentId of places.told.keys()) {
      if (stay.has(agentId)) continue;
      places.told.delete(agentId);
      this.#tell(agentId, capability, undefined);
    }
    for (const agentId of stay) if (!places.told.has(agentId)) places.told.set(agentId, undefined);
  }

  #tell(agentId: string, capability: string, line: Line | undefined): void {
    const ageMs = line ? this.#ports.clock.monotonic() - line.sinceMs : 0;
    this.#ports.tell(agentId, { capability, ageMs, steps: line?.steps ?? 0 });
  }

  #armRotation(): void {
    if (this.#places.size === 0 || this.#cancelRotation) return;
    this.#cancelRotation = this.#ports.clock.after(rotateMs, () => {
      this.#cancelRotation = undefined;
      for (const capability of this.#places.keys()) this.lineChanged(capability);
    });
  }
}
