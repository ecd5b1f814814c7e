import { Client, credentials } from "@grpc/grpc-js";
import type { RawObservation } from "../observation.ts";
import type { RawLoad, Timing } from "../phases.ts";
import { serveParent } from "../processes/parent.ts";
import { openLane } from "./lane.ts";
import type { EchoFacts } from "./server-process.ts";

/** One stretch of bare calls. */
export type RawRequest = { readonly load: RawLoad; readonly timing: Timing };

serveParent<EchoFacts, RawRequest>(async ({ address }) => {
  const client = new Client(address, credentials.createInsecure());
  return { facts: {}, answer: (request) => measure(client, request) };
});

function measure(client: Client, { load, timing }: RawRequest): Promise<RawObservation> {
  return new Promise((resolve, reject) => {
    const fromMs = performance.now() + timing.warmupMs;
    const window = { fromMs, toMs: fromMs + timing.measureMs };
    const latenciesMs: number[] = [];
    let inFlight = 0;
    const onEcho = (sentMs: number): void => {
      const nowMs = performance.now();
      inFlight -= 1;
      if (nowMs < window.toMs) {
        if (nowMs >= window.fromMs) latenciesMs.push(nowMs - sentMs);
        send();
      } else if (inFlight === 0) {
        lane.close();
        resolve({ window, latenciesMs: Float64Array.from(latenciesMs) });
      }
    };
    const lane = openLane(client, load.call, onEcho, reject);
    const send = (): void => {
      inFlight += 1;
      lane.send(performance.now());
    };
    for (let caller = 0; caller < load.inFlight; caller += 1) send();
  });
}
