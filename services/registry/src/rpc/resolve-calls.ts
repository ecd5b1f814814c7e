import { durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import {
  Outcome as OutcomeMessage,
  type RegistryService,
  type ReportOutcomeRequest,
  type ResolveAgentRequest,
} from "@weft/proto/weft/registry/v1/registry_pb";
import type { Clock } from "@weft/runtime/clock";
import type { Handlers } from "@weft/runtime/grpc";
import { holdMs, type Outcome, type Report, type ResolveRequest, type Resolver } from "../app/resolver.ts";
import { checkAgentId, checkCapabilityName, checkIncarnation } from "../core/check-registration.ts";
import { excludedMax, labelsMax } from "../core/limits.ts";
import type { Problem } from "../core/problem.ts";
import type { Rejection } from "../core/rejection.ts";
import { accepted } from "./accepted.ts";
import { fromAgent, invalid } from "./mapping.ts";

type ResolveCalls = Pick<Handlers<typeof RegistryService>, "resolveAgent" | "reportOutcome">;

/** For callers who look for an agent themselves. */
export function resolveCalls(resolver: Resolver, clock: Clock): ResolveCalls {
  return {
    resolveAgent(request) {
      const agent = accepted(resolver.resolve(accepted(toResolveRequest(request))));
      return { agent: fromAgent(agent, clock.monotonic()), hold: durationFromMs(holdMs) };
    },
    reportOutcome(request) {
      resolver.report(accepted(toReport(request)));
      return {};
    },
  };
}

function toResolveRequest(request: ResolveAgentRequest): ResolveRequest | Rejection {
  const { capability, excludeAgentIds } = request;
  const labels = Object.entries(request.labels);
  const problems: Problem[] = [...checkCapabilityName(capability)];
  if (labels.length > labelsMax)
    problems.push({ field: "labels", message: `must be at most ${labelsMax}; they are ${labels.length}` });
  if (excludeAgentIds.length > excludedMax) {
    const message = `must be at most ${excludedMax}; they are ${excludeAgentIds.length}`;
    problems.push({ field: "exclude_agent_ids", message });
  }
  return problems.length > 0 ? invalid(problems) : { capability, labels, exclude: new Set(excludeAgentIds) };
}

const outcomeKinds: ReadonlyMap<OutcomeMessage, Outcome["kind"]> = new Map([
  [OutcomeMessage.SUCCEEDED, "SUCCEEDED"],
  [OutcomeMessage.FAILED, "FAILED"],
  [OutcomeMessage.REFUSED, "REFUSED"],
]);

function toReport({
  agentId,
  incarnation,
  capability,
  outcome,
  latency,
}: ReportOutcomeRequest): Report | Rejection {
  const kind = outcomeKinds.get(outcome);
  const latencyMs = latency && durationMs(latency);
  const problems = [
    ...checkAgentId(agentId),
    ...checkIncarnation(incarnation),
    ...checkCapabilityName(capability),
    ...(kind ? [] : [{ field: "outcome", message: "must be SUCCEEDED, FAILED or REFUSED" }]),
    ...(latencyMs === undefined || latencyMs >= 0
      ? []
      : [{ field: "latency", message: "must not be negative" }]),
  ];
  if (problems.length > 0 || !kind) return invalid(problems);
  return { agentId, incarnation, capability, outcome: { kind, latencyMs } };
}
