import type { Client } from "@grpc/grpc-js";
import { echoMethods, echoPayload, isEcho } from "./echo.ts";

/** A way to send a message there and back. */
export type Lane = {
  send(sentMs: number): void;
  close(): void;
};

export type OnEcho = (sentMs: number) => void;
export type OnError = (error: Error) => void;

/** Each message is a call of its own. */
export function unaryLane(client: Client, onEcho: OnEcho, onError: OnError): Lane {
  const { path, requestSerialize, responseDeserialize } = echoMethods.unary;
  return {
    send(sentMs) {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, echoPayload, (error, echo) => {
        if (error) onError(error);
        else if (!echo || !isEcho(echo)) onError(new Error("the unary echo is not what was sent"));
        else onEcho(sentMs);
      });
    },
    close() {},
  };
}

/** All messages travel one by one on one bidirectional stream. */
export function bidiLane(client: Client, onEcho: OnEcho, onError: OnError): Lane {
  const { path, requestSerialize, responseDeserialize } = echoMethods.bidi;
  const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  // A stream keeps order, so each echo belongs to the oldest message out.
  const sent: number[] = [];
  let oldest = 0;
  stream.on("error", onError);
  stream.on("data", (echo) => {
    const sentMs = sent[oldest];
    oldest += 1;
    if (sentMs === undefined || !isEcho(echo)) onError(new Error("the stream's echo is not what was sent"));
    else onEcho(sentMs);
  });
  return {
    send(sentMs) {
      sent.push(sentMs);
      stream.write(echoPayload);
    },
    close: () => stream.end(),
  };
}
