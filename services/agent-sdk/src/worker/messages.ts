/**
 * Entries as protobuf messages. They are built as finished messages, with every field and `$typeName`,
 * because `create` passes those through: on the hot path that halves the cost of a dispatch.
 */
import { create } from "@bufbuild/protobuf";
import { Code } from "@weft/proto/google/rpc/code_pb";
import {
  type AgentEntry,
  InFlightSchema,
  RejectionReason,
  WelcomeSchema,
} from "@weft/proto/weft/agent/v1/agent_pb";
import { type Failure as FailureMessage, FailureSchema } from "@weft/proto/weft/workflow/v1/payload_pb";
import type { Chunk } from "@weft/runtime/payload-chunks";
import { assertNever } from "./core/assert-never.ts";
import type { SessionEffect, RejectionReason as WhyRejected } from "./core/effect.ts";
import { features, flowFeatures } from "./core/handshake.ts";
import type { Failure, Outcome } from "./core/outcome.ts";
import { durationOf } from "./duration-of.ts";

type Effect<K extends SessionEffect["kind"]> = Extract<SessionEffect, { readonly kind: K }>;

export type WelcomeFields = {
  readonly agentId: string;
  readonly incarnation: string;
  readonly version: number;
  readonly slots: number;
  readonly capabilities: readonly string[];
  readonly busyElsewhere: number;
  readonly otherOrchestrators: number;
  readonly payloadBytesMax: number;
};

export function welcomeEntry(fields: WelcomeFields): AgentEntry {
  const value = create(WelcomeSchema, {
    ...fields,
    capabilities: [...fields.capabilities],
    features: [...features, ...flowFeatures],
  });
  return entry({ case: "welcome", value });
}

export function inFlightEntry({ shard, epoch, running, finished }: Effect<"in-flight">): AgentEntry {
  const value = create(InFlightSchema, { shard, epoch, running: [...running], finished: [...finished] });
  return entry({ case: "inFlight", value });
}

export function acceptedEntry(dispatchIds: string[]): AgentEntry {
  return entry({ case: "accepted", value: { $typeName: "weft.agent.v1.Accepted", dispatchIds } });
}

const rejectionReasons: Readonly<Record<WhyRejected, RejectionReason>> = {
  FULL: RejectionReason.FULL,
  DRAINING: RejectionReason.DRAINING,
  UNKNOWN_CAPABILITY: RejectionReason.UNKNOWN_CAPABILITY,
  FENCED: RejectionReason.FENCED,
};

export function rejectedEntry({ dispatchId, reason, busyElsewhere }: Effect<"rejected">): AgentEntry {
  return entry({
    case: "rejected",
    value: {
      $typeName: "weft.agent.v1.Rejected",
      dispatchId,
      reason: rejectionReasons[reason],
      busyElsewhere,
    },
  });
}

export function progressEntry({ dispatchId, fraction, message }: Effect<"progress">): AgentEntry {
  return entry({
    case: "progress",
    value: { $typeName: "weft.agent.v1.Progress", dispatchId, fraction, message },
  });
}

export function resultEntry(dispatchId: string, outcome: Outcome): AgentEntry {
  switch (outcome.status) {
    case "succeeded":
      return entry({
        case: "succeeded",
        value: {
          $typeName: "weft.agent.v1.Succeeded",
          dispatchId,
          output: outcome.output,
          chunkedBytes: 0,
        },
      });
    case "failed":
      return entry({
        case: "failed",
        value: { $typeName: "weft.agent.v1.Failed", dispatchId, failure: failureMessage(outcome.failure) },
      });
    case "later":
      return entry({ case: "later", value: { $typeName: "weft.agent.v1.Later", dispatchId } });
    default:
      return assertNever(outcome);
  }
}

const nothing = new Uint8Array();

/** The success whose output has gone out in chunks. */
export function chunkedResultEntry(dispatchId: string, chunkedBytes: number): AgentEntry {
  return entry({
    case: "succeeded",
    value: { $typeName: "weft.agent.v1.Succeeded", dispatchId, output: nothing, chunkedBytes },
  });
}

export function chunkEntry(chunk: Chunk): AgentEntry {
  return entry({ case: "chunk", value: { $typeName: "weft.agent.v1.Chunk", ...chunk } });
}

export function creditEntry(bytes: number): AgentEntry {
  return entry({ case: "credit", value: { $typeName: "weft.agent.v1.Credit", bytes } });
}

export function loadEntry({ slots, busyElsewhere, otherOrchestrators }: Effect<"load">): AgentEntry {
  const value = { slots, busyElsewhere, otherOrchestrators } as const;
  return entry({ case: "load", value: { $typeName: "weft.agent.v1.Load", ...value } });
}

export function drainingEntry(): AgentEntry {
  return entry({ case: "draining", value: { $typeName: "weft.agent.v1.Draining" } });
}

export function pingEntry(nonce: bigint): AgentEntry {
  return entry({ case: "ping", value: { $typeName: "weft.agent.v1.Ping", nonce } });
}

export function pongEntry(nonce: bigint): AgentEntry {
  return entry({ case: "pong", value: { $typeName: "weft.agent.v1.Pong", nonce } });
}

export function unsupportedEntry(message: string): AgentEntry {
  return entry({ case: "unsupported", value: { $typeName: "weft.agent.v1.Unsupported", message } });
}

function entry(body: AgentEntry["entry"]): AgentEntry {
  return { $typeName: "weft.agent.v1.AgentEntry", mustUnderstand: false, entry: body };
}

function failureMessage({ code, message, retryable, retryAfterMs, reason }: Failure): FailureMessage {
  return create(FailureSchema, {
    code: Code[code],
    message,
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfter: durationOf(retryAfterMs) }),
    reason: reason ?? "",
  });
}
