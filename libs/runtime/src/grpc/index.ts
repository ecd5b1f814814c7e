export { type CallOptions, type Channel, type ChannelOptions, type Client, createChannel } from "./client.ts";
export { type CallContext, type Handlers, type Implementation, implement } from "./implementation.ts";
export { createServer, type Server, type ServerOptions } from "./server.ts";
export { Code, type ErrorDetails, type FieldViolation, fromGrpcError, RpcError, toStatus } from "./status.ts";
export type { ClientDuplex, ClientStream, Incoming, Outgoing, ServerDuplex, ServerStream } from "./stream.ts";
