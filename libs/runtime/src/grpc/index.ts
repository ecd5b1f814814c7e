export { type CancelTimer, type Clock, systemClock } from "../clock.ts";
export { ConfigReader, type Environment, parseAddress } from "../config-reader.ts";
export type { Logger } from "../logger.ts";
export { type Authenticator, allowAll, anybody, type Principal, sharedToken } from "../principal.ts";
export { withoutCredentials, withoutSecrets } from "../redaction.ts";
export { StepClock } from "../step-clock.ts";
export { type CallOptions, type Channel, type ChannelOptions, type Client, createChannel } from "./client.ts";
export {
  type CallContext,
  type Handlers,
  type Implementation,
  implement,
  implementPart,
  type UnaryContext,
} from "./implementation.ts";
export { MessageTooLarge, messageBytesMax } from "./message-limit.ts";
export { createServer, type Server, type ServerOptions } from "./server.ts";
export { Code, type ErrorDetails, type FieldViolation, fromGrpcError, RpcError, toStatus } from "./status.ts";
export type { ClientDuplex, ClientStream, Incoming, Outgoing, ServerDuplex, ServerStream } from "./stream.ts";
