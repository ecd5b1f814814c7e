import type { ServerDuplexStream, ServerWritableStream } from "@grpc/grpc-js";
import { Code, RpcError, toGrpcStatus } from "./status.ts";
import type { ServerDuplex, ServerStream } from "./stream.ts";

/** Turns what a handler threw into what its caller may see. */
type Conceal = (error: unknown) => RpcError;

/** Node's HTTP/2 client ends a stream before it resets it, so an end is good only once no reset followed. */
const resetMsMax = 50;

/** grpc-js's server stream as handlers see it. A handler that throws in a callback ends this stream alone. */
export function serverStream(
  call: ServerWritableStream<object, object> | ServerDuplexStream<object, object>,
  conceal: Conceal,
): ServerStream<object> {
  let open = true;
  const closing: (() => void)[] = [];
  const close = (): void => {
    if (!open) return;
    open = false;
    for (const run of closing) run();
  };
  for (const event of ["cancelled", "finish", "close", "error"]) call.on(event, close);
  const writable = (): boolean => open && !call.writableEnded;
  const fail = (error: RpcError): void => void (writable() && call.emit("error", toGrpcStatus(error)));
  return {
    write: (message) => writable() && call.write(message),
    onDrain: (run) => void call.on("drain", guarded(run, fail, conceal)),
    end: () => void (writable() && call.end()),
    fail,
    onClose(run) {
      const guardedRun = guarded(run, fail, conceal);
      if (open) closing.push(guardedRun);
      else guardedRun();
    },
  };
}

/** grpc-js's bidirectional stream as handlers see it. */
export function serverDuplex(
  call: ServerDuplexStream<object, object>,
  conceal: Conceal,
): ServerDuplex<object, object> {
  const stream = serverStream(call, conceal);
  const fail = (error: RpcError): void => stream.fail(error);
  return {
    ...stream,
    onMessage: (run) => void call.on("data", guarded(run, fail, conceal)),
    onEnd(run) {
      const guardedRun = guarded(run, fail, conceal);
      let ended = false;
      const end = (...error: [] | [RpcError]): void => {
        if (ended) return;
        ended = true;
        guardedRun(...error);
      };
      call.on("end", () => setTimeout(end, resetMsMax));
      call.on("cancelled", () => end(new RpcError(Code.CANCELLED, "the caller is gone")));
    },
  };
}

function guarded<A extends unknown[]>(
  run: (...args: A) => void,
  fail: (error: RpcError) => void,
  conceal: Conceal,
): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      fail(conceal(error));
    }
  };
}
