import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Principal } from "../principal.ts";
import type { Input, MethodsOf, OutputInit } from "./method.ts";
import type { RpcError } from "./status.ts";
import type { ServerDuplex, ServerStream } from "./stream.ts";

/** What a handler knows of its caller. */
export type CallContext = { readonly principal: Principal };

/** What the handler of a unary call knows of it. */
export type UnaryContext = CallContext & {
  /** The call is over, well or not: a handler that waits lets go of what it holds. */
  readonly onClose: (run: () => void) => void;
  /** A header of the call, by its lower-case name; undefined without one, and when there are several. */
  readonly header: (name: string) => string | undefined;
};

type MethodHandler<M extends DescMethod> = M["methodKind"] extends "unary"
  ? (request: Input<M>, context: UnaryContext) => OutputInit<M> | Promise<OutputInit<M>>
  : M["methodKind"] extends "server_streaming"
    ? (request: Input<M>, stream: ServerStream<OutputInit<M>>, context: CallContext) => void | Promise<void>
    : (stream: ServerDuplex<Input<M>, OutputInit<M>>, context: CallContext) => void | Promise<void>;

export type Handlers<S extends DescService> = {
  readonly [K in keyof MethodsOf<S>]: MethodHandler<MethodsOf<S>[K]>;
};

/** A service with its handlers. */
export type Implementation = {
  readonly service: DescService;
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly errorOf: ErrorTranslator;
};

/** What callers are told of an error that a handler threw; undefined hides it from them. */
export type ErrorTranslator = (error: unknown) => RpcError | undefined;

const hideAll: ErrorTranslator = () => undefined;

export function implement<S extends DescService>(
  service: S,
  handlers: Handlers<S>,
  errorOf: ErrorTranslator = hideAll,
): Implementation {
  return { service, handlers, errorOf };
}

/** The other methods answer UNIMPLEMENTED, as those that a contract gained after a release do. */
export function implementPart<S extends DescService>(
  service: S,
  handlers: Partial<Handlers<S>>,
  errorOf: ErrorTranslator = hideAll,
): Implementation {
  return { service, handlers, errorOf };
}
