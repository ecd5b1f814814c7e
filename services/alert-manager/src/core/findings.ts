import { assertNever } from "./assert-never.ts";
import type { Finding, Moment } from "./finding.ts";
import type { Memory } from "./memory.ts";
import type { Signal } from "./rule.ts";
import {
  flappingAgents,
  laggingOutboxes,
  lostAgents,
  openBreakers,
  quarantinedExecutions,
  unreachableDependencies,
} from "./signals/fleet.ts";
import { burningBudgets, retryStorms } from "./signals/rates.ts";
import { lateExecutions, lateSteps } from "./signals/sla.ts";
import { queuedLong, stuckSteps, withoutCapacity } from "./signals/stalled.ts";

/** Where a signal's condition holds now. Changes nothing. */
export function findingsOf(memory: Memory, signal: Signal, moment: Moment): readonly Finding[] {
  switch (signal.kind) {
    case "execution_sla":
      return lateExecutions(memory, signal, moment);
    case "step_sla":
      return lateSteps(memory, signal, moment);
    case "error_burn":
      return burningBudgets(memory, signal, moment);
    case "step_stuck":
      return stuckSteps(memory, signal, moment);
    case "retry_storm":
      return retryStorms(memory, signal, moment);
    case "queue_age":
      return queuedLong(memory, signal, moment);
    case "no_capacity":
      return withoutCapacity(memory, signal, moment);
    case "breaker_open":
      return openBreakers(memory, signal);
    case "agent_lost":
      return lostAgents(memory, signal, moment);
    case "agent_flapping":
      return flappingAgents(memory, signal, moment);
    case "outbox_lag":
      return laggingOutboxes(memory, signal);
    case "dependency_unreachable":
      return unreachableDependencies(memory);
    case "execution_quarantined":
      return quarantinedExecutions(memory, signal, moment);
    default:
      return assertNever(signal);
  }
}
