import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  Client as GrpcClient,
  Metadata,
} from "@grpc/grpc-js";
import { messageBytesMax } from "./message-limit.ts";
import { grpcMethod, type InputInit, type MethodsOf, type Output } from "./method.ts";
import { Code, fromGrpcError, RpcError } from "./status.ts";
import type { ClientDuplex, ClientStream, Incoming } from "./stream.ts";

export type ChannelOptions = {
  /** host:port. */
  readonly address: string;
  /** Sent as a bearer token with every call. */
  readonly token?: string;
  /** PEM. Unset: plain text, for loopback. */
  readonly tls?: { readonly ca: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  /** A connection of its own, for a stream that lives long: others' cancels must not reset it. */
  readonly exclusive?: boolean;
  /** Silence after which the peer is pinged, and how long it has to answer. */
  readonly keepaliveMs?: number;
};

export type CallOptions = {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

type MethodClient<M extends DescMethod> = M["methodKind"] extends "unary"
  ? (request: InputInit<M>, options?: CallOptions) => Promise<Output<M>>
  : M["methodKind"] extends "server_streaming"
    ? (request: InputInit<M>, options?: CallOptions) => ClientStream<Output<M>>
    : (options?: CallOptions) => ClientDuplex<InputInit<M>, Output<M>>;

/** The methods of a service, callable. */
export type Client<S extends DescService> = {
  readonly [K in keyof MethodsOf<S>]: MethodClient<MethodsOf<S>[K]>;
};

export type Channel = {
  client<S extends DescService>(service: S): Client<S>;
  close(): void;
};

/** A connection to one address. Lazy: it connects with the first call and reconnects by itself. */
export function createChannel(options: ChannelOptions): Channel {
  const keepaliveMs = options.keepaliveMs ?? 20_000;
  const grpc = new GrpcClient(options.address, channelCredentials(options), {
    "grpc.keepalive_time_ms": keepaliveMs,
    "grpc.keepalive_timeout_ms": Math.min(keepaliveMs, 10_000),
    "grpc.max_receive_message_length": messageBytesMax,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 5_000,
    "grpc.enable_http_proxy": 0,
    "grpc.use_local_subchannel_pool": options.exclusive ? 1 : 0,
  });
  const metadata = new Metadata();
  if (options.token !== undefined) metadata.set("authorization", `Bearer ${options.token}`);
  return { client: (service) => serviceClient(grpc, service, metadata), close: () => grpc.close() };
}

function channelCredentials({ tls }: ChannelOptions): ChannelCredentials {
  return tls
    ? credentials.createSsl(tls.ca, tls.key ?? null, tls.cert ?? null)
    : credentials.createInsecure();
}

function serviceClient<S extends DescService>(grpc: GrpcClient, service: S, metadata: Metadata): Client<S> {
  const calls = service.methods.map(
    (method) => [method.localName, methodClient(grpc, method, metadata)] as const,
  );
  return Object.fromEntries(calls) as Client<S>;
}

type GrpcCall = (request: object, options?: CallOptions) => unknown;

function methodClient(grpc: GrpcClient, method: DescMethod, metadata: Metadata): GrpcCall {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  const startOptions = (options?: CallOptions) =>
    options?.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
  switch (method.methodKind) {
    case "unary":
      return (request, options) =>
        new Promise((resolve, reject) => {
          const settle = (error: unknown, response?: object): void =>
            error ? reject(fromGrpcError(error)) : resolve(response);
          const call = grpc.makeUnaryRequest(
            path,
            requestSerialize,
            responseDeserialize,
            request,
            metadata,
            startOptions(options),
            settle,
          );
          cancelOn(options?.signal, call);
        });
    case "server_streaming":
      return (request, options) => {
        const call = grpc.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          startOptions(options),
        );
        cancelOn(options?.signal, call);
        return clientStream(call);
      };
    case "bidi_streaming":
      return (options) => {
        const call = grpc.makeBidiStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          metadata,
          startOptions(options as CallOptions),
        );
        cancelOn((options as CallOptions | undefined)?.signal, call);
        return clientDuplex(call);
      };
    case "client_streaming":
      throw new RpcError(Code.UNIMPLEMENTED, `${path}: client streaming is not in the contract`);
  }
}

function cancelOn(
  signal: AbortSignal | undefined,
  call: ClientUnaryCall | ClientReadableStream<object> | ClientDuplexStream<object, object>,
): void {
  if (!signal) return;
  if (signal.aborted) call.cancel();
  const cancel = (): void => call.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  call.once("status", () => signal.removeEventListener("abort", cancel));
}

function clientStream(call: ClientReadableStream<object>): ClientStream<object> {
  return {
    ...incoming(call),
    cancel: () => call.cancel(),
    async *[Symbol.asyncIterator]() {
      try {
        for await (const message of call) yield message as object;
      } catch (error) {
        throw fromGrpcError(error);
      } finally {
        // A reader that stops early must not leave the call open; harmless once it is over.
        call.cancel();
      }
    },
  };
}

function clientDuplex(call: ClientDuplexStream<object, object>): ClientDuplex<object, object> {
  // grpc-js would keep what is written after the end of a call, for ever.
  let open = true;
  call.once("status", () => {
    open = false;
  });
  return {
    ...incoming(call),
    cancel: () => call.cancel(),
    write: (message) => open && !call.writableEnded && call.write(message),
    onDrain: (run) => void call.on("drain", run),
    end: () => void call.end(),
  };
}

function incoming(call: ClientReadableStream<object> | ClientDuplexStream<object, object>): Incoming<object> {
  // Without a listener an error would end the process, even one that nobody asked to hear of.
  call.on("error", () => {});
  return {
    onMessage: (run) => void call.on("data", run),
    onEnd(run) {
      let ended = false;
      const end = (error?: RpcError): void => {
        if (ended) return;
        ended = true;
        if (error) run(error);
        else run();
      };
      call.on("error", (error) => end(fromGrpcError(error)));
      call.on("end", () => end());
    },
  };
}
