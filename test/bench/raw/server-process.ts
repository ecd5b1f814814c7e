import { type handleBidiStreamingCall, type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import type { Payload } from "@weft/proto/weft/workflow/v1/payload_pb";
import { serveParent } from "../processes/parent.ts";
import { echoMethods } from "./echo.ts";

/** Where the echo server listens. */
export type EchoFacts = { readonly address: string };

const unary: handleUnaryCall<Payload, Payload> = (call, respond) => respond(null, call.request);

const bidi: handleBidiStreamingCall<Payload, Payload> = (call) => {
  call.on("data", (message: Payload) => call.write(message));
  call.on("end", () => call.end());
};

serveParent(async () => {
  const server = new Server();
  server.addService(echoMethods, { unary, bidi });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { facts: { address: `127.0.0.1:${port}` } satisfies EchoFacts };
});
