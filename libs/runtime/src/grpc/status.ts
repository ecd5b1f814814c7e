import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack, type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { type ServiceError as GrpcError, Metadata } from "@grpc/grpc-js";
import { Code } from "@weft/proto/google/rpc/code_pb";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "@weft/proto/google/rpc/error_details_pb";
import { type Status, StatusSchema } from "@weft/proto/google/rpc/status_pb";
import { fitMessage, fitViolations } from "./trailer-limits.ts";

export { Code };

/** One mistake in a request: which field, and what to do about it. */
export type FieldViolation = { readonly field: string; readonly description: string };

export type ErrorDetails = {
  /** A stable word for programs, such as "WORKFLOW_NOT_FOUND". */
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  readonly preconditions?: readonly FieldViolation[];
  readonly retryAfterMs?: number;
};

const domain = "weft.dev";
const detailsKey = "grpc-status-details-bin";

/** The one error that crosses the wire, in both directions, with its google.rpc details. */
export class RpcError extends Error {
  readonly code: Code;
  readonly details: ErrorDetails;

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.details = details;
  }
}

/** As a google.rpc.Status, for a result inside a message. */
export function toStatus(error: RpcError): Status {
  return create(StatusSchema, {
    code: error.code,
    message: error.message,
    details: packDetails(error.details),
  });
}

/** As grpc-js wants it at the end of a call, no larger than a trailer may be. */
export function toGrpcStatus(error: RpcError): { code: number; details: string; metadata: Metadata } {
  const { violations, preconditions } = error.details;
  const fitting = new RpcError(error.code, fitMessage(error.message), {
    ...error.details,
    ...(violations && { violations: fitViolations(violations) }),
    ...(preconditions && { preconditions: fitViolations(preconditions) }),
  });
  const metadata = new Metadata();
  metadata.set(detailsKey, Buffer.from(toBinary(StatusSchema, toStatus(fitting))));
  return { code: fitting.code, details: fitting.message, metadata };
}

/** From what grpc-js throws or emits; anything else is a bug here and becomes UNKNOWN. */
export function fromGrpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  if (!isGrpcError(error))
    return new RpcError(Code.UNKNOWN, error instanceof Error ? error.message : String(error));
  const packed = error.metadata?.get(detailsKey)[0];
  const details = packed instanceof Buffer ? unpackDetails(fromBinary(StatusSchema, packed).details) : {};
  return new RpcError(error.code, error.details, details);
}

function isGrpcError(error: unknown): error is GrpcError {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

function packDetails(details: ErrorDetails): Any[] {
  const packed: Message[] = [];
  if (details.reason !== undefined)
    packed.push(
      create(ErrorInfoSchema, { reason: details.reason, domain, metadata: { ...details.metadata } }),
    );
  if (details.violations)
    packed.push(
      create(BadRequestSchema, {
        fieldViolations: details.violations.map((violation) => ({ ...violation })),
      }),
    );
  if (details.preconditions)
    packed.push(
      create(PreconditionFailureSchema, {
        violations: details.preconditions.map(({ field, description }) => ({
          type: "STATE",
          subject: field,
          description,
        })),
      }),
    );
  if (details.retryAfterMs !== undefined)
    packed.push(create(RetryInfoSchema, { retryDelay: durationFromMs(details.retryAfterMs) }));
  return packed.map(pack);
}

function pack(message: Message): Any {
  const schema = detailSchemas.find((candidate) => candidate.typeName === message.$typeName);
  if (!schema) throw new Error(`no schema for ${message.$typeName}`);
  return anyPack(schema, message as never);
}

const detailSchemas = [ErrorInfoSchema, BadRequestSchema, PreconditionFailureSchema, RetryInfoSchema];

function unpackDetails(packed: readonly Any[]): ErrorDetails {
  let details: ErrorDetails = {};
  for (const any of packed) details = { ...details, ...unpackDetail(any) };
  return details;
}

function unpackDetail(any: Any): ErrorDetails {
  const info = anyUnpack(any, ErrorInfoSchema);
  if (info) return { reason: info.reason, metadata: info.metadata };
  const badRequest = anyUnpack(any, BadRequestSchema);
  if (badRequest)
    return {
      violations: badRequest.fieldViolations.map(({ field, description }) => ({ field, description })),
    };
  const precondition = anyUnpack(any, PreconditionFailureSchema);
  if (precondition)
    return {
      preconditions: precondition.violations.map(({ subject, description }) => ({
        field: subject,
        description,
      })),
    };
  const retry = anyUnpack(any, RetryInfoSchema);
  if (retry?.retryDelay) return { retryAfterMs: durationMs(retry.retryDelay) };
  return {};
}

function durationFromMs(ms: number): Pick<Duration, "seconds" | "nanos"> {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: Math.round(ms % 1000) * 1_000_000 };
}
