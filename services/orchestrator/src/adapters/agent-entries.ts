import {
  type AgentEntry,
  type InFlight,
  type OrchestratorEntry,
  RejectionReason,
  type SessionRequest,
  type Succeeded,
  type Welcome as WelcomeMessage,
} from "@weft/proto/weft/agent/v1/agent_pb";
import type { Failure as FailureMessage } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { AgentRejection, SessionListener, Welcome } from "../app/agents.ts";
import { type Failure, failureFromOutside } from "../core/failure.ts";
import { checkedJson } from "../core/json.ts";

/** Who this orchestrator is, to agents. */
export type SessionIdentity = {
  readonly cluster: string;
  readonly orchestratorId: string;
  readonly shard: number;
  readonly epoch: bigint;
};

const protocolVersion = 1;
/** Entries that were added within the version: each side says which it knows. */
const features = ["later", "extend"];

type Entry = OrchestratorEntry["entry"];

export function helloOf({ cluster, orchestratorId }: SessionIdentity): SessionRequest {
  return request({
    case: "hello",
    value: {
      $typeName: "weft.agent.v1.Hello",
      cluster,
      orchestratorId,
      versions: { $typeName: "weft.agent.v1.VersionRange", min: protocolVersion, max: protocolVersion },
      features: [...features],
      payloadBytesMax: 0,
    },
  });
}

export function claimOf({ shard, epoch }: SessionIdentity, dispatchIds: readonly string[]): SessionRequest {
  return request({
    case: "claim",
    value: { $typeName: "weft.agent.v1.Claim", shard, epoch, dispatchIds: [...dispatchIds] },
  });
}

export function welcomeOf(welcome: WelcomeMessage, { running, finished }: InFlight): Welcome {
  return {
    incarnation: welcome.incarnation,
    slots: welcome.slots,
    busyElsewhere: welcome.busyElsewhere,
    running: new Set(running),
    finished: new Set(finished),
  };
}

/** One entry of a connected session, as the app understands it. Entries of a newer protocol are passed over. */
export function tell(listener: SessionListener, entry: AgentEntry["entry"], payloadBytesMax: number): void {
  switch (entry.case) {
    case "succeeded":
      return tellSuccess(listener, entry.value, payloadBytesMax);
    case "failed":
      return listener.failed(entry.value.dispatchId, failureOf(entry.value.failure));
    case "later":
      return listener.deferred(entry.value.dispatchId);
    case "rejected":
      return listener.rejected(entry.value.dispatchId, {
        reason: rejectionReasons[entry.value.reason] ?? "UNSPECIFIED",
        busyElsewhere: entry.value.busyElsewhere,
      });
    case "progress":
      return listener.progressed(entry.value.dispatchId, entry.value.fraction, entry.value.message);
    case "load":
      return listener.loadChanged(entry.value.slots, entry.value.busyElsewhere);
    case "draining":
      return listener.draining();
    default:
      return;
  }
}

const rejectionReasons: { readonly [reason: number]: AgentRejection["reason"] } = {
  [RejectionReason.FULL]: "FULL",
  [RejectionReason.DRAINING]: "DRAINING",
  [RejectionReason.UNKNOWN_CAPABILITY]: "UNKNOWN_CAPABILITY",
  [RejectionReason.FENCED]: "FENCED",
};

/** The log splices outputs as they are, so what is not JSON stops here. */
function tellSuccess(listener: SessionListener, success: Succeeded, payloadBytesMax: number): void {
  const { dispatchId, output: bytes } = success;
  if (bytes.length > payloadBytesMax)
    return listener.failed(dispatchId, tooLarge(bytes.length, payloadBytesMax));
  const output = checkedJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  if (output) listener.succeeded(dispatchId, output);
  else listener.failed(dispatchId, notJson);
}

const notJson: Failure = {
  code: "INTERNAL",
  message: "the agent's output is not JSON text",
  reason: "OUTPUT_INVALID",
  retryable: false,
};

/** The core would say the same; text of any size is not worth checking first. */
function tooLarge(bytes: number, payloadBytesMax: number): Failure {
  return {
    code: "OUT_OF_RANGE",
    message: `the output has ${bytes} bytes; the limit (payloadBytesMax) is ${payloadBytesMax}. Pass large data by reference`,
    reason: "PAYLOAD_TOO_LARGE",
    retryable: false,
  };
}

function failureOf(failure: FailureMessage | undefined): Failure {
  if (!failure) return { code: "UNKNOWN", message: "the agent gave no reason" };
  const { code, message, retryable, retryAfter, reason } = failure;
  const retryAfterMs = retryAfter && Number(retryAfter.seconds) * 1000 + retryAfter.nanos / 1_000_000;
  return failureFromOutside({ code, message, retryable, retryAfterMs, reason });
}

function request(entry: Entry): SessionRequest {
  return {
    $typeName: "weft.agent.v1.SessionRequest",
    entries: [{ $typeName: "weft.agent.v1.OrchestratorEntry", mustUnderstand: false, entry }],
  };
}
