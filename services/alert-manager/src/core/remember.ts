import { assertNever } from "./assert-never.ts";
import type { Memory } from "./memory.ts";
import type { ExecutionObservation, LogPlace, Observation } from "./observation.ts";
import { rememberAgent, rememberBreaker } from "./remember-fleet.ts";
import { dropStepsOf, rememberStep, shiftSteps } from "./remember-step.ts";
import { countEnd, noteMishap } from "./tally.ts";

/**
 * Takes a fact in. False: its place in the log was taken in before, so it changes nothing. `nowMs` bounds its
 * time: no fact is from the future.
 */
export function remember(
  memory: Memory,
  observation: Observation,
  place: LogPlace | undefined,
  nowMs: number,
): boolean {
  const timeMs = Math.min(observation.timeMs, nowMs);
  if (place && !moveOn(memory, place, timeMs)) return false;
  switch (observation.kind) {
    case "execution":
      rememberExecution(memory, observation, timeMs, place?.shard ?? 0);
      return true;
    case "step":
      rememberStep(memory, observation, timeMs);
      return true;
    case "agent":
      rememberAgent(memory, observation, timeMs);
      return true;
    case "breaker":
      rememberBreaker(memory, observation, timeMs);
      return true;
    case "outbox": {
      const { shard, lagMs, lagEvents } = observation;
      memory.outbox.put(String(shard), { lagMs, lagEvents, atMs: timeMs });
      return true;
    }
    case "dependency": {
      const { name, reachable, reason = "" } = observation;
      const known = memory.dependencies.get(name);
      if (known?.reachable !== reachable)
        memory.dependencies.put(name, { reachable, reason, sinceMs: timeMs });
      return true;
    }
    default:
      return assertNever(observation);
  }
}

/** The shard's log is another one: whatever was open in the old one is no more. */
export function forgetShard(memory: Memory, shard: number): void {
  memory.positions.drop(String(shard));
  for (const [executionId, execution] of memory.executions.entries()) {
    if (execution.shard === shard) dropExecution(memory, executionId);
  }
}

function moveOn({ positions }: Memory, { shard, position }: LogPlace, timeMs: number): boolean {
  const before = positions.get(String(shard));
  if (before && position <= before.position) return false;
  positions.put(String(shard), { position, factMs: timeMs });
  return true;
}

function rememberExecution(
  memory: Memory,
  observation: ExecutionObservation,
  timeMs: number,
  shard: number,
): void {
  const { executionId, namespace, workflow, timeoutMs } = observation;
  const execution = memory.executions.get(executionId);
  switch (observation.type) {
    case "started": {
      const timeout = timeoutMs === undefined ? {} : { timeoutMs };
      memory.executions.put(executionId, { shard, namespace, workflow, startedAtMs: timeMs, ...timeout });
      return;
    }
    case "paused":
      if (execution && execution.pausedAtMs === undefined)
        memory.executions.put(executionId, { ...execution, pausedAtMs: timeMs });
      return;
    case "resumed":
      resume(memory, executionId, timeMs);
      return;
    case "timed_out":
    case "quarantined":
      noteMishap(memory, [observation.type, namespace, workflow], executionId, timeMs, observation.reason);
      if (observation.type === "quarantined") dropExecution(memory, executionId);
      return;
    case "succeeded":
    case "failed":
      countEnd(memory, ["errors", "workflow", namespace, workflow], timeMs, observation.type === "failed");
      dropExecution(memory, executionId);
      return;
    case "cancelled":
      dropExecution(memory, executionId);
      return;
    default:
      assertNever(observation.type);
  }
}

/** Everything that waits in it waits on, as if the pause had not been. */
function resume({ executions, steps, stepsOf }: Memory, executionId: string, timeMs: number): void {
  const execution = executions.get(executionId);
  if (execution?.pausedAtMs === undefined) return;
  const { pausedAtMs, ...rest } = execution;
  const pauseMs = Math.max(0, timeMs - pausedAtMs);
  executions.put(executionId, { ...rest, startedAtMs: rest.startedAtMs + pauseMs });
  shiftSteps({ steps, stepsOf }, executionId, pauseMs);
}

function dropExecution(memory: Memory, executionId: string): void {
  memory.executions.drop(executionId);
  dropStepsOf(memory, executionId);
}
