import { BreakerKind, BreakerState } from "@weft/proto/weft/events/v1/events_pb";
import type { SystemFact } from "@weft/runtime/system-events";
import type { BreakerChange } from "../app/breaker-changes.ts";
import type { Quarantine } from "../app/engine.ts";
import { timestampOf } from "./time.ts";

const types = { OPEN: "breaker.opened", HALF_OPEN: "breaker.half_opened", CLOSED: "breaker.closed" } as const;

/** How a change of a circuit breaker goes on the event bus. */
export function factOfBreaker({ breaker }: BreakerChange): SystemFact {
  const { name, watched, state, failuresInARow, nextProbeAtMs } = breaker;
  const nextProbeTime = timestampOf(nextProbeAtMs ?? 0);
  const value = {
    name,
    ...placeOf(watched),
    state: BreakerState[state],
    failuresInARow,
    ...(nextProbeTime && { nextProbeTime }),
  };
  return { type: types[state], subject: name, event: { case: "breakerChanged", value } };
}

function placeOf(watched: BreakerChange["breaker"]["watched"]) {
  if (watched.kind === "agent") {
    const { agentId, capability } = watched;
    return { kind: BreakerKind.AGENT, agentId, capability };
  }
  const { namespace, workflow, step: stepId } = watched;
  return { kind: BreakerKind.STEP, namespace, workflow, stepId };
}

/** How a quarantine goes on the event bus. */
export function factOfQuarantine({ executionId, reason, execution }: Quarantine): SystemFact {
  const namespace = execution?.header?.namespace ?? "";
  const workflow = execution?.workflow.definition.name ?? "";
  const value = { executionId, namespace, workflow, reason };
  return {
    type: "execution.quarantined",
    subject: executionId,
    event: { case: "executionQuarantined", value },
  };
}
