import { Agent, type AgentPlan, type Call } from "./agent.ts";
import type { Timeline } from "./timeline.ts";

/** A way to bring calls to agents. */
export type Mesh = { arrive(call: Call): void };

type Choose = (orchestrator: number) => number;

/** What balancers do that know nothing of slots: choose at once, and let the call wait there. */
function pushing(plans: readonly AgentPlan[], timeline: Timeline, choose: Choose): Mesh {
  const agents = plans.map((plan, place) => new Agent(`agent-${place}`, plan, timeline));
  const lines = agents.map((): Call[] => []);
  function serve(place: number): void {
    const agent = agents[place]!;
    while (!agent.isFull) {
      const call = lines[place]!.shift();
      if (!call) return;
      agent.start(call, () => serve(place));
    }
  }
  return {
    arrive(call) {
      const place = choose(call.orchestrator);
      lines[place]!.push(call);
      serve(place);
    },
  };
}

export function randomly(plans: readonly AgentPlan[], timeline: Timeline, random: () => number): Mesh {
  return pushing(plans, timeline, () => Math.floor(random() * plans.length));
}

/** Each orchestrator for itself, from a place of its own. */
export function roundRobin(plans: readonly AgentPlan[], timeline: Timeline, random: () => number): Mesh {
  const places = new Map<number, number>();
  return pushing(plans, timeline, (orchestrator) => {
    const place = places.get(orchestrator) ?? Math.floor(random() * plans.length);
    places.set(orchestrator, (place + 1) % plans.length);
    return place;
  });
}
