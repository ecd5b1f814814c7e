import type {
  CompleteStepRequest,
  OrchestratorService,
} from "@weft/proto/weft/orchestrator/v1/orchestrator_pb";
import type { Handlers } from "@weft/runtime/grpc";
import type { Request, StepOutcome } from "../core/input.ts";
import type { Rejection } from "../core/rejection.ts";
import { explanationMessage } from "./explanations.ts";
import { failureOf } from "./failures.ts";
import { namespaceOf } from "./namespaces.ts";
import { openShard, type ShardPort } from "./open-shard.ts";
import { jsonOfPayload } from "./payloads.ts";
import { accepted, badRequest, rpcErrorOf } from "./rejection-codes.ts";

type RequestMethods =
  | "cancelExecution"
  | "pauseExecution"
  | "resumeExecution"
  | "completeStep"
  | "explainExecution";

const reasonLengthMax = 1_000;

/** What backends ask of executions that run. */
export function requestHandlers(port: ShardPort): Pick<Handlers<typeof OrchestratorService>, RequestMethods> {
  const control = async (
    request: { readonly namespace: string; readonly executionId: string },
    asked: Extract<Request, { readonly kind: "cancel" | "pause" | "resume" }>,
  ) => done(await openShard(port).requests.control(namespaceOf(request), request.executionId, asked));
  return {
    cancelExecution: (request, { principal }) =>
      control(request, { kind: "cancel", reason: reasonOf(request), requestedBy: principal.name }),
    pauseExecution: (request, { principal }) =>
      control(request, { kind: "pause", reason: reasonOf(request), requestedBy: principal.name }),
    resumeExecution: (request, { principal }) =>
      control(request, { kind: "resume", requestedBy: principal.name }),
    async completeStep(request) {
      const outcome = outcomeOf(request);
      return done(await openShard(port).requests.complete(namespaceOf(request), request.token, outcome));
    },
    async explainExecution(request) {
      const { explanations } = openShard(port);
      return explanationMessage(
        accepted(await explanations.explain(namespaceOf(request), request.executionId)),
      );
    },
  };
}

function done(refused: Rejection | undefined): Record<string, never> {
  if (refused) throw rpcErrorOf(refused);
  return {};
}

function reasonOf({ reason }: { readonly reason: string }): string {
  if (reason.length <= reasonLengthMax) return reason;
  throw badRequest([{ field: "reason", message: `must not be longer than ${reasonLengthMax} characters` }]);
}

function outcomeOf({ outcome }: CompleteStepRequest): StepOutcome {
  switch (outcome.case) {
    case "output": {
      const payload = jsonOfPayload(outcome.value, "output");
      if ("field" in payload) throw badRequest([payload]);
      return { kind: "succeeded", payload };
    }
    case "failure":
      return { kind: "failed", failure: failureOf(outcome.value) };
    default:
      throw badRequest([{ field: "outcome", message: "must be an output or a failure" }]);
  }
}
