import {
  type AgentEntry,
  type Dispatch as DispatchMessage,
  type InFlight,
  type OrchestratorEntry,
  RejectionReason,
  type SessionRequest,
  type Succeeded,
  type Welcome as WelcomeMessage,
} from "@weft/proto/weft/agent/v1/agent_pb";
import type { Failure as FailureMessage } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { Breach } from "@weft/runtime/payload-chunks";
import type {
  AgentLoad,
  AgentRejection,
  Dispatch,
  SessionListener,
  WaitingSteps,
  Welcome,
} from "../app/agents.ts";
import { type Failure, failureFromOutside } from "../core/failure.ts";
import { checkedJson, type Json } from "../core/json.ts";
import type { Flow } from "./incoming-results.ts";

/** Who this orchestrator is, to agents. */
export type SessionIdentity = {
  readonly cluster: string;
  readonly orchestratorId: string;
  readonly shard: number;
  readonly epoch: bigint;
};

const protocolVersion = 1;
/** What was added within the version: each side says what it knows. */
const features = ["later", "extend", "chunks", "credit", "ping", "offers"];

type Entry = OrchestratorEntry["entry"];

/** What an agent that knows these features can be told, and how payloads travel to and from it. */
export type Known = Flow & { readonly extend: boolean };

/** Credit without chunks could not carry a payload that is larger than what is granted at once. */
export function knownOf({ features: theirs }: WelcomeMessage): Known {
  const chunks = theirs.includes("chunks");
  return { extend: theirs.includes("extend"), chunks, credit: chunks && theirs.includes("credit") };
}

/** Whether the agent has chosen a version that this side speaks; 0: it did not say. */
export function checkVersion({ version }: WelcomeMessage): Breach | undefined {
  if (version === 0 || version === protocolVersion) return undefined;
  const message = `the agent answers in protocol version ${version}; this orchestrator speaks ${protocolVersion}`;
  return { reason: "VERSION_UNKNOWN", message };
}

export function helloOf(
  { cluster, orchestratorId }: SessionIdentity,
  payloadBytesMax: number,
): SessionRequest {
  return requestOf([
    {
      case: "hello",
      value: {
        $typeName: "weft.agent.v1.Hello",
        cluster,
        orchestratorId,
        versions: { $typeName: "weft.agent.v1.VersionRange", min: protocolVersion, max: protocolVersion },
        features: [...features],
        payloadBytesMax,
      },
    },
  ]);
}

export function claimOf({ shard, epoch }: SessionIdentity, dispatchIds: readonly string[]): Entry {
  return {
    case: "claim",
    value: { $typeName: "weft.agent.v1.Claim", shard, epoch, dispatchIds: [...dispatchIds] },
  };
}

/** Without its input, which the frame writer gives it, or sends ahead of it. */
export function dispatchOf({ shard, epoch }: SessionIdentity, dispatch: Dispatch): DispatchMessage {
  const { dispatchId, capability, namespace, workflow, timeLeftMs, trace } = dispatch;
  return {
    $typeName: "weft.agent.v1.Dispatch",
    dispatchId,
    shard,
    epoch,
    capability,
    namespace,
    workflow,
    input: nothing,
    timeLeftMs: BigInt(timeLeftMs),
    chunkedBytes: 0,
    traceparent: trace?.traceparent ?? "",
    tracestate: trace?.tracestate ?? "",
  };
}

const nothing = new Uint8Array();

export function cancelOf({ shard, epoch }: SessionIdentity, dispatchId: string, reason: string): Entry {
  return { case: "cancel", value: { $typeName: "weft.agent.v1.Cancel", dispatchId, shard, epoch, reason } };
}

export function extendOf({ shard, epoch }: SessionIdentity, dispatchId: string, timeLeftMs: number): Entry {
  const left = BigInt(timeLeftMs);
  return {
    case: "extend",
    value: { $typeName: "weft.agent.v1.Extend", dispatchId, shard, epoch, timeLeftMs: left },
  };
}

export function waitOf({ capability, ageMs, steps }: WaitingSteps): Entry {
  const age = BigInt(Math.round(ageMs));
  return { case: "wait", value: { $typeName: "weft.agent.v1.Wait", capability, ageMs: age, steps } };
}

export function ackOf({ shard, epoch }: SessionIdentity, dispatchIds: string[]): Entry {
  return { case: "resultAck", value: { $typeName: "weft.agent.v1.ResultAck", shard, epoch, dispatchIds } };
}

export function pingOf(nonce: bigint): Entry {
  return { case: "ping", value: { $typeName: "weft.agent.v1.Ping", nonce } };
}

export function pongOf(nonce: bigint): Entry {
  return { case: "pong", value: { $typeName: "weft.agent.v1.Pong", nonce } };
}

/** The answer to an entry that had to be understood; `field` is its number in the contract. */
export function unsupportedOf(field: number | undefined): Entry {
  const message = `protocol version ${protocolVersion} has no such entry${field === undefined ? "" : ` (field ${field})`}`;
  return { case: "unsupported", value: { $typeName: "weft.agent.v1.Unsupported", message } };
}

export function creditOf(bytes: number): Entry {
  return { case: "credit", value: { $typeName: "weft.agent.v1.Credit", bytes } };
}

export function welcomeOf(welcome: WelcomeMessage, { running, finished }: InFlight): Welcome {
  return {
    incarnation: welcome.incarnation,
    ...loadOf(welcome),
    running: new Set(running),
    finished: new Set(finished),
  };
}

function loadOf({ slots, busyElsewhere, otherOrchestrators }: AgentLoad): AgentLoad {
  return { slots, busyElsewhere, otherOrchestrators };
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
      return listener.loadChanged(loadOf(entry.value));
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

/** Why an agent that says what it takes at most would not take this input; undefined when it would. */
export function inputRefusal({ payloadBytesMax }: WelcomeMessage, { text }: Json): Failure | undefined {
  // A UTF-16 unit takes at most three bytes: what is short need not be counted.
  if (payloadBytesMax === 0 || text.length * 3 <= payloadBytesMax) return undefined;
  const bytes = Buffer.byteLength(text);
  if (bytes <= payloadBytesMax) return undefined;
  return {
    code: "OUT_OF_RANGE",
    message: `the input has ${bytes} bytes; the agent takes ${payloadBytesMax} (payload_bytes_max). Pass large data by reference`,
    reason: "PAYLOAD_TOO_LARGE",
    retryable: false,
  };
}

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

/** Built by hand: `create` would cost as much as the encoding. */
export function requestOf(entries: readonly Entry[]): SessionRequest {
  return {
    $typeName: "weft.agent.v1.SessionRequest",
    entries: entries.map((entry) => ({
      $typeName: "weft.agent.v1.OrchestratorEntry",
      mustUnderstand: false,
      entry,
    })),
  };
}
