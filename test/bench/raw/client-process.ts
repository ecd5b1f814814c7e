import { Client, credentials } from "@grpc/grpc-js";
import type { RawObservation } from "../observation.ts";
import type { RawLoad, Timing } from "../phases.ts";
import { serveParent } from "../processes/parent.ts";
import { bidiLane, type Lane, type OnEcho, type OnError, unaryLane } from "./lane.ts";
import { partsLane } from "./parts-lane.ts";
import type { EchoFacts } from "./server-process.ts";

/** One stretch of bare calls. */
export type RawRequest = { readonly load: RawLoad; readonly timing: Timing };

/** Where the server is, and a folder on a real disk. */
export type RawClientOptions = EchoFacts & { readonly folder: string };

type OpenLane = (onEcho: OnEcho, onError: OnError) => Lane;

serveParent<RawClientOptions, RawRequest>(async ({ address, folder }) => {
  const client = new Client(address, credentials.createInsecure());
  const lanes: Readonly<Record<RawLoad["call"], OpenLane>> = {
    unary: (onEcho, onError) => unaryLane(client, onEcho, onError),
    bidi: (onEcho, onError) => bidiLane(client, onEcho, onError),
    parts: (onEcho, onError) => partsLane(client, folder, onEcho, onError),
  };
  return { facts: {}, answer: (request) => measure(lanes[request.load.call], request) };
});

function measure(openLane: OpenLane, { load, timing }: RawRequest): Promise<RawObservation> {
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
    const lane = openLane(onEcho, reject);
    const send = (): void => {
      inFlight += 1;
      lane.send(performance.now());
    };
    for (let caller = 0; caller < load.inFlight; caller += 1) send();
  });
}
