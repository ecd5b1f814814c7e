import type { DescMethod } from "@bufbuild/protobuf";
import {
  Server as GrpcServer,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Metadata,
  ServerCredentials,
  setLogger,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import type { Logger } from "../logger.ts";
import type { Authenticator, Policy } from "../principal.ts";
import { serveHealth } from "./health.ts";
import type { CallContext, Implementation, UnaryContext } from "./implementation.ts";
import { MessageTooLarge, messageBytesMax } from "./message-limit.ts";
import { actionOf, grpcMethod } from "./method.ts";
import { serveReflection } from "./reflection.ts";
import { serverDuplex, serverStream } from "./server-stream.ts";
import { Code, RpcError, toGrpcStatus } from "./status.ts";
import type { ServerDuplex, ServerStream } from "./stream.ts";

export type ServerOptions = {
  readonly implementations: readonly Implementation[];
  readonly authenticate: Authenticator;
  readonly policy: Policy;
  readonly logger: Logger;
  /** A unary call was answered, or a stream refused: with which code, and for which reason ("" when it was OK). */
  readonly onCall?: ((action: string, code: string, reason: string) => void) | undefined;
  /** PEM. Unset: plain text, for loopback. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer; readonly clientCa?: Buffer };
};

export type Server = {
  /** Resolves with the port; `address` is host:port, port 0 lets the system choose. */
  listen(address: string): Promise<number>;
  /** What `grpc.health.v1` says from now on, for every service. */
  setServing(serving: boolean): void;
  /** Lets calls finish for at most `graceMs`, then cuts what is left. */
  stop(graceMs: number): Promise<void>;
};

const streamsPerConnectionMax = 4_096;
const sessionMemoryMbMax = 64;

/** A gRPC server with authentication, policy, error details, `grpc.health.v1` and reflection. */
export function createServer(options: ServerOptions): Server {
  const grpc = new GrpcServer({
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.max_concurrent_streams": streamsPerConnectionMax,
    "grpc-node.max_session_memory": sessionMemoryMbMax,
    "grpc.keepalive_time_ms": 20_000,
    "grpc.keepalive_timeout_ms": 10_000,
  });
  for (const implementation of options.implementations) addService(grpc, implementation, options);
  const health = serveHealth(grpc, options.implementations);
  serveReflection(grpc, options.implementations);
  return {
    listen: (address) => listen(grpc, address, options),
    setServing: health.setServing,
    stop: (graceMs) => stop(grpc, graceMs),
  };
}

function listen(grpc: GrpcServer, address: string, { tls }: ServerOptions): Promise<number> {
  const credentials = tls
    ? ServerCredentials.createSsl(
        tls.clientCa ?? null,
        [{ cert_chain: tls.cert, private_key: tls.key }],
        tls.clientCa !== undefined,
      )
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) => {
    grpc.bindAsync(address, credentials, (error, port) => {
      if (!error) return resolve(port);
      const [, cause = error.message] = /errors: \[(.*)\]$/.exec(error.message) ?? [];
      reject(new Error(`can't listen on ${address}: ${cause}`));
    });
  });
}

// grpc-js would print a line of its own for a port that is taken, besides the error that it gives.
setLogger({
  error(line: string) {
    if (!line.startsWith("No address added")) console.error(line);
  },
});

function stop(grpc: GrpcServer, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => grpc.forceShutdown(), graceMs);
    grpc.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

function addService(grpc: GrpcServer, implementation: Implementation, options: ServerOptions): void {
  const { service, handlers, errorOf } = implementation;
  const methods = service.methods.map((method) => [method.localName, loudMethod(method, options)] as const);
  const calls = service.methods.map((method) => {
    const handler = handlers[method.localName] ?? (() => refuseUnimplemented(method));
    return [method.localName, grpcHandler({ method, handler, errorOf, options })] as const;
  });
  grpc.addService(Object.fromEntries(methods), Object.fromEntries(calls));
}

function refuseUnimplemented(method: DescMethod): never {
  throw new RpcError(Code.UNIMPLEMENTED, `${actionOf(method)} is not served here`, {
    reason: "UNIMPLEMENTED",
  });
}

/** grpc-js hides from callers why a message can't be sent, and from operators too. A unary answer comes encoded. */
function loudMethod(method: DescMethod, { logger }: ServerOptions): ReturnType<typeof grpcMethod> {
  const quiet = grpcMethod(method);
  if (method.methodKind === "unary") return { ...quiet, responseSerialize: (bytes) => bytes as Buffer };
  const responseSerialize = (message: object): Buffer => {
    try {
      return quiet.responseSerialize(message);
    } catch (error) {
      logger.error({ action: actionOf(method), err: error }, "a handler's message can't be sent");
      throw error;
    }
  };
  return { ...quiet, responseSerialize };
}

type Edge = Pick<Implementation, "errorOf"> & {
  readonly method: DescMethod;
  readonly handler: unknown;
  readonly options: ServerOptions;
};

function grpcHandler(edge: Edge): UntypedHandleCall {
  switch (edge.method.methodKind) {
    case "unary":
      return unaryHandler(edge);
    case "server_streaming":
      return serverStreamHandler(edge);
    case "bidi_streaming":
      return duplexHandler(edge);
    case "client_streaming":
      throw new Error(`${actionOf(edge.method)}: client streaming is not in the contract`);
  }
}

type AnyUnary = (request: object, context: UnaryContext) => object | Promise<object>;
type AnyServerStream = (request: object, stream: ServerStream<object>, context: CallContext) => unknown;
type AnyDuplex = (stream: ServerDuplex<object, object>, context: CallContext) => unknown;

function unaryHandler(edge: Edge): handleUnaryCall<object, object> {
  const run = edge.handler as AnyUnary;
  const { responseSerialize } = grpcMethod(edge.method);
  const encoded = (message: object): Buffer => fitting(responseSerialize(message));
  return (call, answer) => {
    const refuse = (error: unknown): void => {
      const told = publicError(edge, error, call.request);
      ended(edge, told);
      answer(toGrpcStatus(told));
    };
    const respond = (bytes: Buffer): void => {
      ended(edge, undefined);
      answer(null, bytes);
    };
    try {
      const { principal } = admit(edge, call.metadata, call.request);
      const onClose = (close: () => void): void => void call.on("cancelled", close);
      const header = (name: string): string | undefined => onlyValue(call.metadata.get(name));
      const response = run(call.request, { principal, onClose, header });
      if (response instanceof Promise) response.then(encoded).then(respond, refuse);
      else respond(encoded(response));
    } catch (error) {
      refuse(error);
    }
  };
}

const codeNames = Object.fromEntries(Object.entries(Code).map(([name, code]) => [code, name]));

function ended({ method, options }: Edge, error: RpcError | undefined): void {
  options.onCall?.(actionOf(method), codeNames[error?.code ?? Code.OK]!, error?.details.reason ?? "");
}

function onlyValue(values: readonly (string | Buffer)[]): string | undefined {
  const [value] = values;
  return values.length === 1 && typeof value === "string" ? value : undefined;
}

/** The caller's channel would refuse a larger one, and nobody could tell why. */
function fitting(answer: Buffer): Buffer {
  if (answer.byteLength > messageBytesMax) throw new MessageTooLarge(answer.byteLength);
  return answer;
}

function serverStreamHandler(edge: Edge): handleServerStreamingCall<object, object> {
  const run = edge.handler as AnyServerStream;
  return (call) => {
    const conceal = (error: unknown): RpcError => streamError(edge, error, call.request);
    const stream = serverStream(call, conceal);
    guard(conceal, stream, () => run(call.request, stream, admit(edge, call.metadata, call.request)));
  };
}

function duplexHandler(edge: Edge): handleBidiStreamingCall<object, object> {
  const run = edge.handler as AnyDuplex;
  return (call) => {
    const conceal = (error: unknown): RpcError => streamError(edge, error, {});
    const stream = serverDuplex(call, conceal);
    guard(conceal, stream, () => run(stream, admit(edge, call.metadata, {})));
  };
}

function streamError(edge: Edge, error: unknown, request: object): RpcError {
  const told = publicError(edge, error, request);
  ended(edge, told);
  return told;
}

/** An error of the handler, thrown at once or later, ends its stream. */
function guard(
  conceal: (error: unknown) => RpcError,
  stream: ServerStream<object>,
  run: () => unknown,
): void {
  const fail = (error: unknown): void => stream.fail(conceal(error));
  try {
    const running = run();
    if (running instanceof Promise) running.catch(fail);
  } catch (error) {
    fail(error);
  }
}

/** Who is it, and may they? The one place where both are asked. */
function admit({ method, options }: Edge, metadata: Metadata, request: object): CallContext {
  const header = String(metadata.get("authorization")[0] ?? "");
  const principal = options.authenticate(/^Bearer (.+)$/i.exec(header)?.[1]);
  if (!principal)
    throw new RpcError(Code.UNAUTHENTICATED, "a valid bearer token is required", {
      reason: "UNAUTHENTICATED",
    });
  const namespace =
    ("namespace" in request && typeof request.namespace === "string" && request.namespace) || "default";
  if (!options.policy.may(principal, actionOf(method), { namespace }))
    throw new RpcError(
      Code.PERMISSION_DENIED,
      `${principal.name} may not call ${actionOf(method)} in namespace ${namespace}`,
      {
        reason: "PERMISSION_DENIED",
      },
    );
  return { principal };
}

/** The one place where an unexpected error is hidden from callers and shown to operators. */
function publicError({ method, errorOf, options }: Edge, error: unknown, request: object = {}): RpcError {
  const known = error instanceof RpcError ? error : errorOf(error);
  if (known) return known;
  if (error instanceof MessageTooLarge)
    return new RpcError(Code.RESOURCE_EXHAUSTED, error.message, { reason: "MESSAGE_TOO_LARGE" });
  options.logger.error({ action: actionOf(method), ...subjectOf(request), err: error }, "a handler threw");
  return new RpcError(Code.INTERNAL, "internal error; the service's log has the cause", {
    reason: "INTERNAL",
  });
}

/** What the line of the log is about, as far as the request names it. */
function subjectOf(request: object): Readonly<Record<string, unknown>> {
  const named = Object.entries(request).filter(
    ([name, value]) => (name === "namespace" || name === "executionId") && typeof value === "string" && value,
  );
  return Object.fromEntries(named);
}
