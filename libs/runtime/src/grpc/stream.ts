import type { RpcError } from "./status.ts";

/** The sending half of a stream. */
export type Outgoing<T> = {
  /** False asks the writer to stop until `onDrain`. Writing after the end is ignored. */
  write(message: T): boolean;
  onDrain(run: () => void): void;
  /** No more messages from here. */
  end(): void;
};

/** The receiving half of a stream. Handlers are set once, before the next turn of the event loop. */
export type Incoming<T> = {
  onMessage(run: (message: T) => void): void;
  /** The other side has sent its last message; without an error it ended well. Called once. */
  onEnd(run: (error?: RpcError) => void): void;
};

/** A server's answer to a streaming call. */
export type ServerStream<Out> = Outgoing<Out> & {
  /** Ends the call with an error. */
  fail(error: RpcError): void;
  /** The call is over, for whatever reason: release what it holds. Called once. */
  onClose(run: () => void): void;
};

export type ServerDuplex<In, Out> = ServerStream<Out> & Incoming<In>;

/** A client's view of a server stream. Read it with handlers or with `for await`, which obeys backpressure. */
export type ClientStream<Out> = Incoming<Out> & AsyncIterable<Out> & { cancel(): void };

export type ClientDuplex<In, Out> = Outgoing<In> & Incoming<Out> & { cancel(): void };
