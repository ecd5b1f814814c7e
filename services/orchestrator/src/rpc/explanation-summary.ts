import type { StepExplanation } from "../app/explanations.ts";
import type { SlotExplanation } from "../app/slot-explanation.ts";
import { assertNever } from "../core/assert-never.ts";

/** Beyond these the open dependencies are counted. */
const namedMax = 5;

/** Why the step has not ended, in a sentence for people. */
export function summaryOf({ wait, slot, isAgentReachable = true }: StepExplanation): string {
  switch (wait.kind) {
    case "dependencies":
      return `waits for ${listed(wait.open)} (join ${wait.join})`;
    case "backoff": {
      const why = wait.lastFailure ? ` after ${wait.lastFailure.code}: ${wait.lastFailure.message}` : "";
      return `backs off until ${time(wait.untilMs)}, before attempt ${wait.attempt}${why}`;
    }
    case "slot":
      return `${shortage(wait.capability, slot)}${deadline(wait.untilMs, "fails")}`;
    case "answer": {
      const who = isAgentReachable ? wait.agentId : `${wait.agentId}, which is not heard of at the moment`;
      return `runs at agent ${who}, attempt ${wait.attempt}${deadline(wait.untilMs, "times out")}`;
    }
    case "completion":
      return `waits to be completed by its token, attempt ${wait.attempt}${deadline(wait.untilMs, "times out")}`;
    default:
      return assertNever(wait);
  }
}

function shortage(capability: string, slot: SlotExplanation | undefined): string {
  switch (slot?.kind) {
    case "no-agent":
      return `no agent offers ${capability}: start one that does`;
    case "agents-unavailable":
      return `none of the ${slot.agents} agents that offer ${capability} takes work: they are lost, silent or draining`;
    case "agents-failing":
      return `all ${slot.agents} agents that offer ${capability} keep failing at it: ${breakerOpen(slot.nextProbeAtMs)}`;
    case "step-failing":
      return `is held back, since it keeps failing: ${breakerOpen(slot.nextProbeAtMs)}`;
    case "agents-full":
      return `all ${slot.agents} agents that offer ${capability} are full; ${slot.position} in the queue`;
    default:
      return `waits for an agent that offers ${capability}`;
  }
}

function breakerOpen(untilMs: number | undefined): string {
  return untilMs === undefined ? "a probe is out" : `breaker open until ${time(untilMs)}`;
}

function listed(ids: readonly string[]): string {
  const more = ids.length > namedMax ? ` and ${ids.length - namedMax} more` : "";
  return `${ids.slice(0, namedMax).join(", ")}${more}`;
}

function deadline(untilMs: number | undefined, what: string): string {
  return untilMs === undefined ? "" : `; it ${what} at ${time(untilMs)}`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
